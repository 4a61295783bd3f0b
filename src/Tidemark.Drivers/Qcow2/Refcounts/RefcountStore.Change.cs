using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Refcounts;

internal sealed partial class RefcountStore
{
    /// <summary>
    /// Raises the refcount of every cluster that the bytes touch by one. <see cref="IoStatus.InvalidArgument"/> where one is at
    /// its maximum; nothing has changed then.
    /// </summary>
    public ValueTask<IoStatus> AddReferenceAsync(long offset, long bytes) => ChangeAsync(offset, bytes, +1);

    /// <summary>
    /// Lowers the refcount of every cluster that the bytes touch by one, now. Only for clusters whose last reference is not on
    /// disk any more or never was; otherwise Qcow2Image.FreeLater is the way.
    /// </summary>
    public ValueTask<IoStatus> ReleaseAsync(long offset, long bytes) => ChangeAsync(offset, bytes, -1);

    /// <summary>Sets one refcount, for repairs; the block of the cluster is made if there is none.</summary>
    public async ValueTask<IoStatus> SetAsync(long cluster, ulong value)
    {
        var index = cluster >> blockBits;
        while (index >= table.Length || table[index] == 0)
        {
            if (value == 0)
            {
                return IoStatus.Ok;
            }
            var status = await CreateBlockAsync(index, cluster + 1);
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        if (!TryGetBlock(index, out var block))
        {
            var status = await LoadBlockAsync(index);
            if (status != IoStatus.Ok)
            {
                return status;
            }
            block = blocks[index];
        }
        Store(block, cluster, value);
        return IoStatus.Ok;
    }

    private async ValueTask<IoStatus> ChangeAsync(long offset, long bytes, int step)
    {
        await RaiseChangeAsync();
        var first = geometry.ClusterOf(offset);
        var end = geometry.ClusterOf(offset + bytes - 1) + 1;
        for (var cluster = first; cluster < end; cluster++)
        {
            var status = await ChangeOneAsync(cluster, step);
            if (status != IoStatus.Ok)
            {
                // Undone as far as it came; what can't be undone is a leak.
                for (var back = first; back < cluster; back++)
                {
                    _ = await ChangeOneAsync(back, -step);
                }
                return status;
            }
        }
        return IoStatus.Ok;
    }

    private async ValueTask<IoStatus> ChangeOneAsync(long cluster, int step)
    {
        var old = await GetAsync(cluster);
        if (old.Status != IoStatus.Ok)
        {
            return old.Status;
        }
        if (step < 0 ? old.Value == 0 : old.Value == geometry.MaxRefcount)
        {
            return IoStatus.InvalidArgument;
        }
        return await SetAsync(cluster, step < 0 ? old.Value - 1 : old.Value + 1);
    }

    private void Store(RefcountBlock block, long cluster, ulong value)
    {
        RefcountCodec.Set(block.Buffer.GetSpan(), order, geometry.RefcountBlockIndex(cluster), value);
        MarkDirty(block);
        if (value == 0)
        {
            nextFree = Math.Min(nextFree, cluster);
            nextByte = nextByte != 0 && geometry.ClusterOf(nextByte) == cluster ? 0 : nextByte;
        }
    }
}
