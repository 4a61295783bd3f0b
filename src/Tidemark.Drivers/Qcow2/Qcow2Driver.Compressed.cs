using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Compression;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2;

// Compressed clusters. Workers pack several clusters of a request side by side; they are placed one after the other, so that an
// image looks the same however many processors made it:
//
//   guest    | cluster | cluster | cluster | cluster |
//   workers      pack      pack      pack      pack
//   host     |aaaaaabbbb|bbbbcccccccc|ddd....|          byte behind byte; what does not get smaller is written as it is
internal sealed partial class Qcow2Driver
{
    /// <inheritdoc/>
    public override bool SupportsCompression => true;

    private async ValueTask<IoStatus> WriteCompressedAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        var isWhole = Alignment.Is(range.Length, ClusterSize) || range.End == SizeBytes;
        if (Image.Geometry.OffsetInCluster(range.Offset) != 0 || !isWhole)
        {
            return IoStatus.InvalidArgument;
        }
        var status = IoStatus.Ok;
        var packing = new Queue<Task<PackedCluster>>();
        var (begun, placed) = (0, 0);
        while (placed < data.Length)
        {
            while (status == IoStatus.Ok && begun < data.Length && packing.Count < Qcow2.Limits.PackingClusters)
            {
                var source = data.Slice(begun, Math.Min(ClusterSize, data.Length - begun));
                packing.Enqueue(PackAsync(source).AsTask());
                begun += source.Length;
            }
            if (packing.Count == 0)
            {
                break;
            }
            var piece = data.Slice(placed, Math.Min(ClusterSize, data.Length - placed));
            using (var packed = await packing.Dequeue())
            {
                if (status == IoStatus.Ok)
                {
                    status = await PlaceAsync(new ByteRange(range.Offset + placed, piece.Length), piece, packed, flags);
                }
            }
            placed += piece.Length;
        }
        return status;
    }

    private async ValueTask<PackedCluster> PackAsync(ReadOnlyMemory<byte> source)
    {
        var cluster = new PackedCluster(source, ClusterSize, Image.Header.CompressionType);
        _ = await Engine.OffloadAsync(static c => c.Pack(), cluster);
        return cluster;
    }

    private async ValueTask<IoStatus> PlaceAsync(
        ByteRange range,
        ReadOnlyMemory<byte> data,
        PackedCluster packed,
        RequestFlags flags
    )
    {
        if (packed.Length == 0)
        {
            return await WriteAsync(range, data, flags & ~RequestFlags.Compressed);
        }
        var (status, allocation) = await AllocatePackedAsync(FirstCluster(range), packed.Length);
        if (status != IoStatus.Ok || allocation is null)
        {
            return status;
        }
        status = await Image.CheckOverlapAsync(MetadataKinds.None, allocation.HostOffset, packed.Length);
        if (status == IoStatus.Ok)
        {
            await Image.File.RaiseAsync(DebugEvent.WriteCompressed);
            status = await Image.File.WriteAsync(new ByteRange(allocation.HostOffset, packed.Length), packed.Packed);
        }
        return await LinkPackedAsync(allocation, packed.Length, status);
    }

    /// <summary>Room for a packed cluster. A cluster that the image has already is not packed in its place.</summary>
    private async ValueTask<(IoStatus Status, PendingAllocation? Allocation)> AllocatePackedAsync(ByteRange cluster, int bytes)
    {
        await EnterUndisturbedAsync(cluster);
        try
        {
            var status = await Image.MarkDirtyIfLazyAsync();
            if (status == IoStatus.Ok && Image.PendingFreeCount > Qcow2.Limits.PendingFrees)
            {
                status = await Image.WriteBackAsync();
            }
            if (status != IoStatus.Ok)
            {
                return (status, null);
            }
            (status, var slice) = await LoadForChangeAsync(cluster.Offset);
            if (status != IoStatus.Ok || slice is null)
            {
                return (status, null);
            }
            if (mapper.KindOf(slice[mapper.SliceIndex(cluster.Offset)]) is not (ClusterKind.Unallocated or ClusterKind.ZeroPlain))
            {
                return (IoStatus.IoError, null);
            }
            var allocated = await Image.Refcounts.AllocateBytesAsync(bytes);
            return allocated.Status == IoStatus.Ok
                ? (IoStatus.Ok, allocations.Begin(cluster, allocated.Offset, isNew: false))
                : (allocated.Status, null);
        }
        finally
        {
            Image.Lock.Exit();
        }
    }

    private async ValueTask<IoStatus> LinkPackedAsync(PendingAllocation allocation, int bytes, IoStatus written)
    {
        await Image.Lock.EnterAsync();
        try
        {
            var status = written;
            L2Slice? slice = null;
            while (status == IoStatus.Ok && !Image.L2.TryGet(mapper.SliceOffset(allocation.Guest.Offset), out slice))
            {
                status = await Image.L2.LoadAsync(mapper.SliceOffset(allocation.Guest.Offset), underLock: true);
            }
            if (status != IoStatus.Ok || slice is null)
            {
                // Nothing refers to the bytes; the clusters that they lie in have a reference too many.
                _ = await Image.Refcounts.ReleaseAsync(allocation.HostOffset, bytes);
                return status;
            }
            var index = mapper.SliceIndex(allocation.Guest.Offset);
            slice[index] = Image.Geometry.EncodeCompressed(allocation.HostOffset, bytes);
            Image.L2.MarkDirty(slice);
            Image.NoteWrite();
            // The same entry may have meant other bytes once.
            compressed.Forget();
            return IoStatus.Ok;
        }
        finally
        {
            allocations.End(allocation);
            Image.Lock.Exit();
        }
    }
}
