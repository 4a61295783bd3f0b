using System.Buffers.Binary;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2.Snapshots;

/// <summary>
/// Counts what an L1 table refers to, once more or once less, and sets the flags that follow from it. Under the image's lock; what
/// the tables hold has been written.
/// </summary>
internal sealed class SnapshotReferences(Qcow2Image image)
{
    private readonly Qcow2Geometry geometry = image.Geometry;

    /// <summary>Raises the refcounts of all L2 tables and clusters below an L1 table by one; none has changed if it fails.</summary>
    public async ValueTask<IoStatus> AddAsync(ulong[] l1)
    {
        var done = 0;
        var status = await WalkAsync(
            l1,
            async (offset, bytes) =>
            {
                var added = await image.Refcounts.AddReferenceAsync(offset, bytes);
                done += added == IoStatus.Ok ? 1 : 0;
                return added;
            }
        );
        if (status != IoStatus.Ok)
        {
            // The same way again, as far as it came; what can't be undone is a leak.
            _ = await WalkAsync(
                l1,
                async (offset, bytes) => done-- > 0 ? await image.Refcounts.ReleaseAsync(offset, bytes) : IoStatus.Again
            );
        }
        return status;
    }

    /// <summary>Lowers them by one, when nothing on disk refers to them by this table any more. Some may be left as leaks if it fails.</summary>
    public ValueTask<IoStatus> RemoveAsync(ulong[] l1) =>
        WalkAsync(
            l1,
            async (offset, bytes) =>
            {
                image.FreeLater(offset, bytes, DiscardKind.Snapshot);
                return image.PendingFreeCount > Limits.PendingFrees ? await image.WriteBackAsync() : IoStatus.Ok;
            }
        );

    /// <summary>Sets the flag "refcount is exactly 1" in the active tables where that is so, and clears it elsewhere.</summary>
    public async ValueTask<IoStatus> RefreshFlagsAsync()
    {
        for (var i = 0; i < image.L1.Entries; i++)
        {
            var table = image.L1.OffsetOf(i);
            if (table == 0 || !geometry.IsClusterAligned(table))
            {
                continue;
            }
            var (status, isOwn) = await IsOwnAsync(table);
            for (var slice = 0; status == IoStatus.Ok && slice < geometry.ClusterSize; slice += image.L2.SliceBytes)
            {
                status = await RefreshSliceAsync(table + slice);
            }
            if (status != IoStatus.Ok)
            {
                return status;
            }
            var entry = (ulong)table | (isOwn ? EntryBits.Copied : 0);
            if (image.L1[i] != entry)
            {
                image.L1[i] = entry;
            }
        }
        return IoStatus.Ok;
    }

    private async ValueTask<IoStatus> RefreshSliceAsync(long offset)
    {
        L2Slice? slice;
        while (!image.L2.TryGet(offset, out slice))
        {
            var loaded = await image.L2.LoadAsync(offset, underLock: true);
            if (loaded != IoStatus.Ok)
            {
                return loaded;
            }
        }
        slice.Pins++;
        try
        {
            for (var i = 0; i < image.L2.SliceEntries; i++)
            {
                var entry = slice[i];
                var cluster = (long)(entry & Qcow2Geometry.OffsetMask);
                if ((entry & EntryBits.Compressed) != 0 || cluster == 0 || !geometry.IsClusterAligned(cluster))
                {
                    continue;
                }
                var (status, isOwn) = await IsOwnAsync(cluster);
                if (status != IoStatus.Ok)
                {
                    return status;
                }
                var changed = isOwn ? entry | EntryBits.Copied : entry & ~EntryBits.Copied;
                if (changed != entry)
                {
                    slice[i] = changed;
                    image.L2.MarkDirty(slice);
                }
            }
            return IoStatus.Ok;
        }
        finally
        {
            slice.Pins--;
        }
    }

    private async ValueTask<(IoStatus Status, bool IsOwn)> IsOwnAsync(long offset)
    {
        var refcount = await image.Refcounts.GetAsync(geometry.ClusterOf(offset));
        return (refcount.Status, refcount.Value == 1);
    }

    // Calls for each L2 table and each run of clusters, always in the same order, until one answers with an error.
    private async ValueTask<IoStatus> WalkAsync(ulong[] l1, Func<long, long, ValueTask<IoStatus>> visit)
    {
        using var table = AlignedBufferPool.Shared.Rent(geometry.ClusterSize);
        foreach (var entry in l1)
        {
            var offset = (long)(entry & Qcow2Geometry.OffsetMask);
            if (offset == 0)
            {
                continue;
            }
            if (!IsInFile(offset))
            {
                await image.MarkCorruptAsync($"L2 table offset {Hex.Of(offset)} unaligned", -1, -1, fatal: false);
                return IoStatus.IoError;
            }
            var status = await image.ReadFileAsync(offset, table.Memory);
            status = status == IoStatus.Ok ? await WalkTableAsync(table, visit) : status;
            status = status == IoStatus.Ok ? await visit(offset, geometry.ClusterSize) : status;
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        return IoStatus.Ok;
    }

    private async ValueTask<IoStatus> WalkTableAsync(AlignedBuffer table, Func<long, long, ValueTask<IoStatus>> visit)
    {
        var (start, bytes) = (0L, 0L);
        for (var i = 0; i < geometry.L2Entries; i++)
        {
            var entry = BinaryPrimitives.ReadUInt64BigEndian(table.GetSpan()[(i * 8)..]);
            var isCompressed = (entry & EntryBits.Compressed) != 0;
            var (offset, length) = isCompressed
                ? geometry.DecodeCompressed(entry)
                : ((long)(entry & Qcow2Geometry.OffsetMask), geometry.ClusterSize);
            if (!isCompressed && offset == 0)
            {
                continue;
            }
            if (isCompressed ? offset >= image.File.SizeBytes : !IsInFile(offset))
            {
                await image.MarkCorruptAsync($"Cluster offset {Hex.Of(offset)} unaligned", -1, -1, fatal: false);
                return IoStatus.IoError;
            }
            if (!isCompressed && bytes > 0 && start + bytes == offset)
            {
                bytes += length;
                continue;
            }
            var status = bytes > 0 ? await visit(start, bytes) : IoStatus.Ok;
            if (status != IoStatus.Ok)
            {
                return status;
            }
            (start, bytes) = isCompressed ? (0, 0) : (offset, length);
            status = isCompressed ? await visit(offset, length) : IoStatus.Ok;
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        return bytes > 0 ? await visit(start, bytes) : IoStatus.Ok;
    }

    private bool IsInFile(long offset) => geometry.IsClusterAligned(offset) && offset < geometry.ClusterEnd(image.File.SizeBytes);
}
