using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2;

// Filling new clusters. What the write leaves of the first and the last one keeps its old content:
//
//   guest     |  head  |####### data #######|  tail  |
//   clusters  |          |          |          |          |
//
internal sealed partial class Qcow2Driver
{
    /// <summary>Writes the data, and around it what the clusters held before, into the allocation's host clusters.</summary>
    private ValueTask<IoStatus> WriteNewClusters(
        PendingAllocation allocation,
        ByteRange range,
        ReadOnlyMemory<byte> data,
        RequestFlags flags
    )
    {
        var total = allocation.Guest.Length;
        if (Image.Metadata.FindOverlap(MetadataKinds.None, allocation.HostOffset, total) != MetadataKinds.None)
        {
            return Image.CheckOverlapAsync(MetadataKinds.None, allocation.HostOffset, total);
        }
        var head = (int)(range.Offset - allocation.Guest.Offset);
        var tail = (int)(allocation.Guest.End - range.End);
        var host = new ByteRange(allocation.HostOffset + head, range.Length);
        if (head == 0 && tail == 0)
        {
            return WriteData(host, data, flags);
        }
        var headIsZero = head == 0 || ReadsAsZero(range.Offset);
        var tailIsZero = tail == 0 || ReadsAsZero(range.End - 1);
        if (headIsZero && tailIsZero)
        {
            // Behind the file's end there is nothing but zeroes already.
            return allocation.IsNew && allocation.HostOffset >= Image.File.SizeBytes && !Image.File.IsWatched
                ? WriteData(host, data, flags)
                : WriteAmongZeroesAsync(allocation, head, tail, data);
        }
        return total <= Qcow2.Limits.MergeBytes
            ? WriteMergedAsync(allocation, range, data)
            : WriteInPartsAsync(allocation, range, data);
    }

    // Whether the old content of the cluster that the offset lies in is known, without a wait, to be zeroes.
    private bool ReadsAsZero(long guestOffset)
    {
        if (!mapper.TryMap(guestOffset, 1, out var run, out _))
        {
            return false;
        }
        return run.Kind switch
        {
            ClusterKind.ZeroPlain or ClusterKind.ZeroAllocated => true,
            ClusterKind.Unallocated => Node.BackingChild is not { } backing
                || Image.Geometry.ClusterStart(guestOffset) >= backing.SizeBytes,
            _ => false,
        };
    }

    private async ValueTask<IoStatus> WriteAmongZeroesAsync(
        PendingAllocation allocation,
        int head,
        int tail,
        ReadOnlyMemory<byte> data
    )
    {
        var total = allocation.Guest.Length;
        await Image.File.RaiseAsync(DebugEvent.ClusterAllocSpace);
        if (total <= Qcow2.Limits.MergeBytes)
        {
            using var merged = AlignedBufferPool.Shared.Rent((int)total);
            merged.GetSpan()[..head].Clear();
            data.Span.CopyTo(merged.GetSpan()[head..]);
            merged.GetSpan()[^tail..].Clear();
            return await WriteData(new ByteRange(allocation.HostOffset, total), merged.Memory, RequestFlags.None);
        }
        var status = IoStatus.Ok;
        if (head > 0)
        {
            status = await Image.File.WriteZeroesAsync(new ByteRange(allocation.HostOffset, head));
        }
        if (status == IoStatus.Ok && tail > 0)
        {
            status = await Image.File.WriteZeroesAsync(new ByteRange(allocation.HostOffset + total - tail, tail));
        }
        return status == IoStatus.Ok
            ? await WriteData(new ByteRange(allocation.HostOffset + head, data.Length), data, RequestFlags.None)
            : status;
    }

    // Everything in one buffer and one write.
    private async ValueTask<IoStatus> WriteMergedAsync(PendingAllocation allocation, ByteRange range, ReadOnlyMemory<byte> data)
    {
        using var merged = AlignedBufferPool.Shared.Rent((int)allocation.Guest.Length);
        var head = (int)(range.Offset - allocation.Guest.Offset);
        var tail = (int)(allocation.Guest.End - range.End);
        var status = await ReadOldAsync(allocation.Guest.Offset, merged.Memory[..head]);
        if (status == IoStatus.Ok)
        {
            status = await ReadOldAsync(range.End, merged.Memory[^tail..]);
        }
        if (status != IoStatus.Ok)
        {
            return status;
        }
        data.Span.CopyTo(merged.GetSpan()[head..]);
        await Image.File.RaiseAsync(DebugEvent.CowWrite);
        return await WriteData(new ByteRange(allocation.HostOffset, merged.Length), merged.Memory, RequestFlags.None);
    }

    private async ValueTask<IoStatus> WriteInPartsAsync(PendingAllocation allocation, ByteRange range, ReadOnlyMemory<byte> data)
    {
        var toHost = allocation.HostOffset - allocation.Guest.Offset;
        var status = await CopyOldAsync(allocation.Guest.Offset, range.Offset, toHost);
        if (status == IoStatus.Ok)
        {
            status = await CopyOldAsync(range.End, allocation.Guest.End, toHost);
        }
        return status == IoStatus.Ok
            ? await WriteData(new ByteRange(range.Offset + toHost, range.Length), data, RequestFlags.None)
            : status;
    }

    private async ValueTask<IoStatus> CopyOldAsync(long from, long to, long toHost)
    {
        if (from == to)
        {
            return IoStatus.Ok;
        }
        using var buffer = AlignedBufferPool.Shared.Rent((int)Math.Min(to - from, Qcow2.Limits.MergeBytes));
        while (from < to)
        {
            var part = buffer.Memory[..(int)Math.Min(to - from, buffer.Length)];
            var status = await ReadOldAsync(from, part);
            if (status == IoStatus.Ok)
            {
                await Image.File.RaiseAsync(DebugEvent.CowWrite);
                status = await Image.File.WriteAsync(new ByteRange(from + toHost, part.Length), part);
            }
            if (status != IoStatus.Ok)
            {
                return status;
            }
            from += part.Length;
        }
        return IoStatus.Ok;
    }

    // The old content; a last cluster that the disk only fills in part goes on with zeroes.
    private async ValueTask<IoStatus> ReadOldAsync(long offset, Memory<byte> target)
    {
        if (target.Length == 0)
        {
            return IoStatus.Ok;
        }
        var inside = (int)Math.Clamp(SizeBytes - offset, 0, target.Length);
        target.Span[inside..].Clear();
        if (inside == 0)
        {
            return IoStatus.Ok;
        }
        await Image.File.RaiseAsync(DebugEvent.CowRead);
        return await ReadAsync(new ByteRange(offset, inside), target[..inside], RequestFlags.None);
    }
}
