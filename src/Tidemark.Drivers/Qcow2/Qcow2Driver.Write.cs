using System.Runtime.CompilerServices;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2;

// A write takes the first of three ways that fits:
//
//   in place      all clusters are there and ours alone: one write of the file
//   at once       new clusters, everything in memory: allocate, write, name them in the L2 table, without a wait
//   step by step  the rest: piece by piece, loading and locking as needed; also when blkdebug is to hear of each step
internal sealed partial class Qcow2Driver
{
    /// <inheritdoc/>
    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        if (Image.IsUnusable)
        {
            return new(IoStatus.NoMedium);
        }
        if ((flags & RequestFlags.Compressed) != 0)
        {
            return WriteCompressedAsync(range, data, flags);
        }
        if (Image.File.IsWatched || !mapper.TryMap(range.Offset, range.Length, out var run, out _))
        {
            return WriteStepsAsync(range, data, flags);
        }
        if (run.Kind == ClusterKind.Normal && run.IsCopied && run.Length == range.Length)
        {
            return WriteInPlace(run, data, flags);
        }
        return WriteAtOnce(run, range, data, flags);
    }

    private ValueTask<IoStatus> WriteInPlace(GuestRun run, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        var host = new ByteRange(run.HostOffset, data.Length);
        if (Image.Metadata.FindOverlap(MetadataKinds.None, host.Offset, host.Length) != MetadataKinds.None)
        {
            return Image.CheckOverlapAsync(MetadataKinds.None, host.Offset, host.Length);
        }
        var task = WriteData(host, data, flags);
        return task.IsCompletedSuccessfully ? task : TrackAsync(task, host);
    }

    // Guest data, where it belongs in the file.
    private ValueTask<IoStatus> WriteData(ByteRange host, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        return Image.File.IsWatched
            ? WatchedAsync(host, data, flags)
            : Image.File.WriteAsync(host, data, flags & RequestFlags.Background);

        async ValueTask<IoStatus> WatchedAsync(ByteRange host, ReadOnlyMemory<byte> data, RequestFlags flags)
        {
            await Image.File.RaiseAsync(DebugEvent.WriteAio);
            return await Image.File.WriteAsync(host, data, flags & RequestFlags.Background);
        }
    }

    private ValueTask<IoStatus> WriteAtOnce(GuestRun run, ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        if (
            Image.Lock.IsHeld
            || allocations.Touches(range.Expand(ClusterSize))
            || Image.MustMarkDirty
            || Image.PendingFreeCount > Qcow2.Limits.PendingFrees
        )
        {
            return WriteStepsAsync(range, data, flags);
        }
        var allocation = TryAllocate(run, range);
        if (allocation is null)
        {
            return WriteStepsAsync(range, data, flags);
        }
        var first = ByteRange.Between(range.Offset, Math.Min(range.End, allocation.Guest.End));
        var task = WriteNewClusters(allocation, first, data[..(int)first.Length], flags);
        if (!task.IsCompletedSuccessfully)
        {
            return FinishAsync(task, allocation, range, (int)first.Length, data, flags);
        }
        var status = task.Result;
        if (Image.Lock.IsHeld || !TryLink(allocation, status))
        {
            return FinishAsync(new(status), allocation, range, (int)first.Length, data, flags);
        }
        return first == range
            ? new(IoStatus.Ok)
            : WriteAsync(ByteRange.Between(first.End, range.End), data[(int)first.Length..], flags);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<IoStatus> FinishAsync(
        ValueTask<IoStatus> task,
        PendingAllocation allocation,
        ByteRange range,
        int done,
        ReadOnlyMemory<byte> data,
        RequestFlags flags
    )
    {
        var status = await task;
        if (Image.Lock.IsHeld || !TryLink(allocation, status))
        {
            status = await LinkAsync(allocation, status);
        }
        return status != IoStatus.Ok || done == data.Length
            ? status
            : await WriteAsync(ByteRange.Between(range.Offset + done, range.End), data[done..], flags);
    }

    private async ValueTask<IoStatus> WriteStepsAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        var done = 0;
        while (done < data.Length)
        {
            var rest = ByteRange.Between(range.Offset + done, range.End);
            var (status, length) = await WriteStepAsync(rest, data[done..], flags);
            if (status != IoStatus.Ok)
            {
                return status;
            }
            done += length;
        }
        return IoStatus.Ok;
    }

    private async ValueTask<(IoStatus Status, int Length)> WriteStepAsync(
        ByteRange range,
        ReadOnlyMemory<byte> data,
        RequestFlags flags
    )
    {
        await allocations.WaitAsync(FirstCluster(range));
        var (status, run) = await mapper.MapAsync(range.Offset, range.Length, forWrite: true);
        if (status != IoStatus.Ok)
        {
            return (status, 0);
        }
        if (run.Kind == ClusterKind.Normal && run.IsCopied)
        {
            var length = (int)run.Length;
            return (await WriteInPlace(run, data[..length], flags), length);
        }
        PendingAllocation? allocation;
        await Image.Lock.EnterAsync();
        try
        {
            (status, allocation) = await AllocateAsync(range);
        }
        finally
        {
            Image.Lock.Exit();
        }
        if (status != IoStatus.Ok || allocation is null)
        {
            // None: the mapping changed while we waited for the lock; look again.
            return (status, 0);
        }
        var end = Math.Min(range.End, allocation.Guest.End);
        var piece = ByteRange.Between(range.Offset, end);
        status = await WriteNewClusters(allocation, piece, data[..(int)piece.Length], flags);
        return (await LinkAsync(allocation, status), (int)piece.Length);
    }

    private ByteRange FirstCluster(ByteRange range) => new(Image.Geometry.ClusterStart(range.Offset), ClusterSize);
}
