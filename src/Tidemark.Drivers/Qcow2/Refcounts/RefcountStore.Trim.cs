using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Refcounts;

internal sealed partial class RefcountStore
{
    /// <summary>
    /// Lets go of blocks that count nothing, or nothing but themselves. First the table forgets them, durably, then their
    /// clusters become free. Under the lock, everything dirty has been written.
    /// </summary>
    public async ValueTask<IoStatus> TrimAsync()
    {
        List<(long Index, long Offset, bool IsOwn)> idle = [];
        for (var index = 0L; index < table.Length; index++)
        {
            if (table[index] == 0 || !geometry.IsClusterAligned(table[index]))
            {
                continue;
            }
            var (status, isIdle, isOwn) = await ExamineAsync(index);
            if (status != IoStatus.Ok)
            {
                return status;
            }
            if (isIdle)
            {
                idle.Add((index, table[index], isOwn));
            }
        }
        return idle.Count == 0 ? IoStatus.Ok : await ForgetAsync(idle);
    }

    private async ValueTask<(IoStatus Status, bool IsIdle, bool IsOwn)> ExamineAsync(long index)
    {
        if (!TryGetBlock(index, out var block))
        {
            var status = await LoadBlockAsync(index);
            if (status != IoStatus.Ok)
            {
                return (status, false, false);
            }
            block = blocks[index];
        }
        var content = block.Buffer.GetSpan();
        var first = RefcountCodec.FindNonZero(content, order, 0);
        if (first == geometry.RefcountBlockEntries)
        {
            return (IoStatus.Ok, true, false);
        }
        var own = geometry.ClusterOf(block.HostOffset);
        var isOwn = own >> blockBits == index && geometry.RefcountBlockIndex(own) == first;
        isOwn =
            isOwn
            && RefcountCodec.Get(content, order, first) == 1
            && RefcountCodec.FindNonZero(content, order, first + 1) == geometry.RefcountBlockEntries;
        return (IoStatus.Ok, isOwn, isOwn);
    }

    private async ValueTask<IoStatus> ForgetAsync(List<(long Index, long Offset, bool IsOwn)> idle)
    {
        foreach (var (index, offset, _) in idle)
        {
            SetTableEntry(index, 0);
            Drop(index);
            image.Metadata.Remove(geometry.ClusterOf(offset), MetadataKinds.RefcountBlock);
        }
        var status = await WriteBackAsync();
        if (status == IoStatus.Ok)
        {
            status = await image.BarrierAsync();
        }
        foreach (var (_, offset, isOwn) in idle)
        {
            // One that counted itself went with its count.
            if (status == IoStatus.Ok && !isOwn)
            {
                status = await ReleaseAsync(offset, geometry.ClusterSize);
            }
        }
        return status;
    }

    private void Drop(long index)
    {
        if (blocks.Remove(index, out var block))
        {
            dirtyBlocks -= block.IsDirty ? 1 : 0;
            _ = clock.Remove(block);
            latest = null;
            ((IDisposable)block.Buffer).Dispose();
        }
    }
}
