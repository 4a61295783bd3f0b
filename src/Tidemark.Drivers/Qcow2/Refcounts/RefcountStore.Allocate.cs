using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Refcounts;

internal sealed partial class RefcountStore
{
    /// <summary>
    /// Allocates <paramref name="clusters"/> clusters in one piece without waiting; false when something is not in memory or a
    /// new block is needed, and then nothing has changed.
    /// </summary>
    public bool TryAllocate(long clusters, out long offset)
    {
        offset = 0;
        var (first, run) = (nextFree, 0L);
        if (TryFindFree(clusters, ref first, ref run) >= 0 || !TryMark(first, clusters))
        {
            return false;
        }
        nextFree = first + clusters;
        offset = first << geometry.ClusterBits;
        return true;
    }

    /// <summary>
    /// Allocates <paramref name="clusters"/> clusters in one piece, the first that fits. They have refcount 1 afterwards, in
    /// memory. <see cref="IoStatus.FileTooBig"/> where no entry could name them.
    /// </summary>
    public async ValueTask<ClusterAllocation> AllocateAsync(long clusters)
    {
        Invariant.That(clusters > 0, "at least one cluster is allocated");
        long offset;
        await image.File.RaiseAsync(DebugEvent.ClusterAlloc);
        await RaiseChangeAsync();
        while (!TryAllocate(clusters, out offset))
        {
            var found = await FindFreeAsync(clusters, nextFree);
            var status = found.Status;
            if (status == IoStatus.Ok)
            {
                // The blocks that are to count the run come into being behind it, so that it stays in one piece.
                var missing = FirstWithoutBlock(found.Offset, clusters);
                if (missing < 0)
                {
                    return await MarkRunAsync(found.Offset, clusters);
                }
                nextFree = found.Offset;
                status = await CreateBlockAsync(missing, searchFrom: found.Offset + clusters);
            }
            if (status != IoStatus.Ok)
            {
                return new(status, 0);
            }
        }
        return new(IoStatus.Ok, offset);
    }

    /// <summary>Allocates up to <paramref name="clusters"/> free clusters that begin at <paramref name="offset"/>; gives how many were free there.</summary>
    public async ValueTask<(IoStatus Status, long Clusters)> AllocateAtAsync(long offset, long clusters)
    {
        var first = geometry.ClusterOf(offset);
        var count = 0L;
        while (count < clusters)
        {
            var refcount = await GetAsync(first + count);
            if (refcount.Status != IoStatus.Ok)
            {
                return (refcount.Status, 0);
            }
            if (refcount.Value != 0)
            {
                break;
            }
            count++;
        }
        if (count == 0)
        {
            return (IoStatus.Ok, 0);
        }
        for (var missing = FirstWithoutBlock(first, count); missing >= 0; missing = FirstWithoutBlock(first, count))
        {
            var status = await CreateBlockAsync(missing, searchFrom: first + count);
            if (status != IoStatus.Ok)
            {
                return (status, 0);
            }
        }
        var marked = await MarkRunAsync(first, count, moveHint: false);
        return (marked.Status, count);
    }

    private async ValueTask<ClusterAllocation> FindFreeAsync(long clusters, long from)
    {
        var (first, run) = (from, 0L);
        while (true)
        {
            var missing = TryFindFree(clusters, ref first, ref run);
            if (missing < 0)
            {
                break;
            }
            var status = await LoadBlockAsync(missing);
            if (status != IoStatus.Ok)
            {
                return new(status, 0);
            }
        }
        return first + clusters > geometry.ClusterOf(Qcow2Geometry.MaxHostOffset)
            ? new(IoStatus.FileTooBig, 0)
            : new(IoStatus.Ok, first);
    }

    // Looks for the first run of free clusters that is long enough, beginning behind the "run" clusters from "first" on that
    // are known to be free. Gives -1 once it is found, otherwise the index of a block that must be loaded before going on.
    private long TryFindFree(long clusters, ref long first, ref long run)
    {
        var at = first + run;
        while (run < clusters)
        {
            var index = at >> blockBits;
            var blockEnd = (index + 1) << blockBits;
            if (index >= table.Length || table[index] == 0)
            {
                var taken = Math.Min(clusters - run, blockEnd - at);
                (run, at) = (run + taken, at + taken);
                continue;
            }
            if (!TryGetBlock(index, out var block))
            {
                first = at - run;
                return index;
            }
            var start = geometry.RefcountBlockIndex(at);
            var content = block.Buffer.GetSpan();
            if (run == 0)
            {
                start = RefcountCodec.FindZero(content, order, start);
                at = (index << blockBits) + start;
                if (at == blockEnd)
                {
                    continue;
                }
            }
            var used = clusters == 1 ? start + 1 : RefcountCodec.FindNonZero(content, order, start);
            var free = Math.Min(clusters - run, used - start);
            (run, at) = (run + free, at + free);
            if (run < clusters && at < blockEnd)
            {
                run = 0;
            }
        }
        first = at - run;
        return -1;
    }

    // Raises the run's refcounts to 1 if all its blocks exist and are in memory.
    private bool TryMark(long first, long clusters)
    {
        var index = first >> blockBits;
        if (first + clusters > (index + 1) << blockBits)
        {
            return false;
        }
        if (index >= table.Length || table[index] == 0 || !TryGetBlock(index, out var block))
        {
            return false;
        }
        Fill(block, geometry.RefcountBlockIndex(first), (int)clusters, 1);
        return true;
    }

    private async ValueTask<ClusterAllocation> MarkRunAsync(long first, long clusters, bool moveHint = true)
    {
        var at = first;
        while (at < first + clusters)
        {
            var index = at >> blockBits;
            if (!TryGetBlock(index, out var block))
            {
                var status = await LoadBlockAsync(index);
                if (status != IoStatus.Ok)
                {
                    _ =
                        at == first
                            ? IoStatus.Ok
                            : await ReleaseAsync(first << geometry.ClusterBits, (at - first) << geometry.ClusterBits);
                    return new(status, 0);
                }
                continue;
            }
            var count = Math.Min(first + clusters, (index + 1) << blockBits) - at;
            Fill(block, geometry.RefcountBlockIndex(at), (int)count, 1);
            at += count;
        }
        if (moveHint)
        {
            nextFree = first + clusters;
        }
        return new(IoStatus.Ok, first << geometry.ClusterBits);
    }

    private void Fill(RefcountBlock block, int start, int count, ulong value)
    {
        var content = block.Buffer.GetSpan();
        for (var i = start; i < start + count; i++)
        {
            RefcountCodec.Set(content, order, i, value);
        }
        MarkDirty(block);
    }

    // Whoever changes refcounts comes by here: a block may have to be found, and made, first.
    private async ValueTask RaiseChangeAsync()
    {
        await image.File.RaiseAsync(DebugEvent.RefblockAlloc);
        await image.File.RaiseAsync(DebugEvent.RefblockLoad);
    }

    // Table index of the first block that the run needs and that does not exist; -1 if there is none.
    private long FirstWithoutBlock(long first, long clusters)
    {
        for (var index = first >> blockBits; index <= (first + clusters - 1) >> blockBits; index++)
        {
            if (index >= table.Length || table[index] == 0)
            {
                return index;
            }
        }
        return -1;
    }

    /// <summary>
    /// Makes the block of this table index. Its own cluster is the first free one from <paramref name="searchFrom"/> on, and is
    /// counted by a block that exists or, where it lies in the very range that the new block counts, by the new block itself.
    /// </summary>
    private async ValueTask<IoStatus> CreateBlockAsync(long tableIndex, long searchFrom)
    {
        if (tableIndex >= table.Length)
        {
            return await GrowTableAsync(tableIndex);
        }
        var found = await FindFreeAsync(1, searchFrom);
        if (found.Status != IoStatus.Ok)
        {
            return found.Status;
        }
        var cluster = found.Offset;
        var owner = cluster >> blockBits;
        if (owner != tableIndex)
        {
            if (owner >= table.Length)
            {
                return await GrowTableAsync(owner);
            }
            if (table[owner] == 0)
            {
                // That one lies behind, and describes itself.
                var made = await CreateBlockAsync(owner, cluster + 1);
                if (made != IoStatus.Ok || table[tableIndex] != 0)
                {
                    return made;
                }
            }
            var marked = await MarkRunAsync(cluster, 1, moveHint: false);
            if (marked.Status != IoStatus.Ok)
            {
                return marked.Status;
            }
        }
        var status = await EnterNewBlockAsync(tableIndex, cluster << geometry.ClusterBits);
        if (status == IoStatus.Ok && owner == tableIndex)
        {
            Fill(blocks[tableIndex], geometry.RefcountBlockIndex(cluster), 1, 1);
        }
        return status;
    }

    private async ValueTask<IoStatus> EnterNewBlockAsync(long tableIndex, long offset)
    {
        var status = await image.CheckOverlapAsync(MetadataKinds.None, offset, geometry.ClusterSize);
        if (status == IoStatus.Ok)
        {
            status = await MakeRoomAsync();
        }
        if (status != IoStatus.Ok)
        {
            return status;
        }
        var block = new RefcountBlock(tableIndex, offset, AlignedBufferPool.Shared.Rent(geometry.ClusterSize)) { IsNew = true };
        block.Buffer.GetSpan().Clear();
        Enter(block);
        MarkDirty(block);
        SetTableEntry(tableIndex, offset);
        image.Metadata.Add(geometry.ClusterOf(offset), MetadataKinds.RefcountBlock);
        return IoStatus.Ok;
    }
}
