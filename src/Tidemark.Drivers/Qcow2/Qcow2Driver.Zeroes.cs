using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver
{
    /// <inheritdoc/>
    public override async ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags)
    {
        if (Image.IsUnusable)
        {
            return IoStatus.NoMedium;
        }
        if (Image.Header.Version < 3)
        {
            // Only entries of version 3 have a zero flag.
            return IoStatus.NotSupported;
        }
        var clusters = range.Expand(ClusterSize);
        var isPart = clusters != range && !(range.Offset == clusters.Offset && range.End == SizeBytes);
        if (isPart && !await SurroundingsAreZeroAsync(range, clusters))
        {
            return IoStatus.NotSupported;
        }
        await EnterUndisturbedAsync(clusters);
        try
        {
            // Somebody may have written while we waited.
            if (isPart && !await IsZeroOrEmptyAsync(clusters))
            {
                return IoStatus.NotSupported;
            }
            var mayUnmap = (flags & RequestFlags.MayUnmap) != 0;
            return await ChangeEntriesAsync(clusters, entry => ZeroEntry(entry, mayUnmap), DiscardKind.Request);
        }
        finally
        {
            Image.Lock.Exit();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<IoStatus> DiscardAsync(ByteRange range)
    {
        if (Image.IsUnusable)
        {
            return IoStatus.NoMedium;
        }
        var clusters = range.Expand(ClusterSize);
        var reachesEnd = range.Offset == clusters.Offset && range.End == SizeBytes;
        if (clusters != range && !reachesEnd)
        {
            return IoStatus.NotSupported;
        }
        if (Image.Header.Version < 3 && Node.BackingChild is not null)
        {
            // Without a zero flag the backing file would show through.
            return IoStatus.NotSupported;
        }
        await EnterUndisturbedAsync(clusters);
        try
        {
            return await ChangeEntriesAsync(clusters, DiscardedEntry, DiscardKind.Request);
        }
        finally
        {
            Image.Lock.Exit();
        }
    }

    // Takes the lock at a moment when no allocation touches the clusters; none begins while it is held.
    private async ValueTask EnterUndisturbedAsync(ByteRange clusters)
    {
        await Image.Lock.EnterAsync();
        while (allocations.Touches(clusters))
        {
            Image.Lock.Exit();
            await allocations.WaitAsync(clusters);
            await Image.Lock.EnterAsync();
        }
    }

    // An allocated cluster is kept for later writes unless it may go; a compressed one can't be kept.
    private ulong ZeroEntry(ulong entry, bool mayUnmap)
    {
        var kind = mapper.KindOf(entry);
        var drop =
            kind == ClusterKind.Compressed
            || (mayUnmap && (kind is ClusterKind.Normal or ClusterKind.ZeroAllocated or ClusterKind.Invalid));
        return (drop ? 0 : entry) | EntryBits.Zero;
    }

    // Reads as zeroes afterwards in version 3; what reads as zeroes already stays as it is.
    private ulong DiscardedEntry(ulong entry)
    {
        var isAllocated = mapper.KindOf(entry) is not (ClusterKind.Unallocated or ClusterKind.ZeroPlain);
        if (!isAllocated && Node.BackingChild is null)
        {
            return entry;
        }
        return Image.Header.Version >= 3 ? EntryBits.Zero : 0;
    }

    /// <summary>
    /// Changes the L2 entries of whole clusters; what an entry referred to and refers to no more is freed. Under the lock.
    /// </summary>
    private async ValueTask<IoStatus> ChangeEntriesAsync(ByteRange clusters, Func<ulong, ulong> change, DiscardKind discard)
    {
        var geometry = Image.Geometry;
        var offset = clusters.Offset;
        while (offset < clusters.End)
        {
            var sliceCoverage = (long)Image.L2.SliceEntries << geometry.ClusterBits;
            var end = Math.Min(clusters.End, Alignment.Down(offset, sliceCoverage) + sliceCoverage);
            // An empty table need not come into being to hold what it holds already.
            if (mapper.SliceOffset(offset) != 0 || change(0) != 0)
            {
                var (status, done) = await ChangeInSliceAsync(ByteRange.Between(offset, end), change, discard);
                if (status != IoStatus.Ok)
                {
                    return status;
                }
                end = done;
            }
            offset = end;
            if (Image.PendingFreeCount > Qcow2.Limits.PendingFrees)
            {
                var status = await Image.WriteBackAsync();
                if (status != IoStatus.Ok)
                {
                    return status;
                }
            }
        }
        return IoStatus.Ok;
    }

    private async ValueTask<(IoStatus Status, long End)> ChangeInSliceAsync(
        ByteRange clusters,
        Func<ulong, ulong> change,
        DiscardKind discard
    )
    {
        var (status, slice) = await LoadForChangeAsync(clusters.Offset);
        if (status != IoStatus.Ok || slice is null)
        {
            return (status, 0);
        }
        var offset = clusters.Offset;
        var index = mapper.SliceIndex(offset);
        for (; offset < clusters.End; offset += ClusterSize, index++)
        {
            var old = slice[index];
            var changed = change(old);
            if (changed == old)
            {
                continue;
            }
            slice[index] = changed;
            Image.L2.MarkDirty(slice);
            if ((changed & Header.Qcow2Geometry.OffsetMask) != 0)
            {
                continue;
            }
            if (mapper.KindOf(old) == ClusterKind.Invalid)
            {
                // The damage goes with the entry; what it meant is never known.
                var place = (long)(old & Header.Qcow2Geometry.OffsetMask);
                await Image.MarkCorruptAsync($"Cannot free unaligned cluster {Hex.Of(place)}", -1, -1, fatal: false);
                continue;
            }
            FreeEntryLater(old, discard);
        }
        return (IoStatus.Ok, clusters.End);
    }

    private async ValueTask<bool> SurroundingsAreZeroAsync(ByteRange range, ByteRange clusters)
    {
        var end = Math.Min(clusters.End, SizeBytes);
        return await IsZeroAsync(clusters.Offset, range.Offset) && await IsZeroAsync(range.End, end);
    }

    // Through the backing chain: what is read there, not what this image has.
    private async ValueTask<bool> IsZeroAsync(long from, long to)
    {
        while (from < to)
        {
            var answer = await Node.BlockStatusAboveAsync(null, false, ByteRange.Between(from, to), wantZero: true);
            if (answer.Block.Status != IoStatus.Ok || !answer.Block.IsZero || answer.Block.Length == 0)
            {
                return false;
            }
            from += answer.Block.Length;
        }
        return true;
    }

    // Under the lock: whether the one cluster has nothing that a zero flag would hide.
    private async ValueTask<bool> IsZeroOrEmptyAsync(ByteRange cluster)
    {
        GuestRun run;
        while (!mapper.TryMap(cluster.Offset, 1, out run, out var missing))
        {
            if (await Image.L2.LoadAsync(missing, underLock: true) != IoStatus.Ok)
            {
                return false;
            }
        }
        return run.Kind is ClusterKind.Unallocated or ClusterKind.ZeroPlain or ClusterKind.ZeroAllocated;
    }
}
