using System.Buffers.Binary;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>
/// Makes the refcount table and its blocks anew from the references that were counted. They go into clusters that nothing
/// refers to, and the header points to them last: until then the image is as it was.
/// </summary>
/// <param name="run">The check, after counting.</param>
internal sealed class RefcountRebuild(CheckRun run)
{
    private readonly CheckLayout layout = run.Layout;
    private readonly SortedDictionary<long, long> blocks = [];
    private readonly HashSet<long> taken = [];
    private long tableOffset;
    private int tableClusters;

    /// <summary>Rebuilds; the run then has the new refcounts. Throws <see cref="BlockException"/>.</summary>
    public async ValueTask RebuildAsync()
    {
        Plan();
        var status = await WriteBlocksAsync();
        if (status == IoStatus.Ok)
        {
            status = await WriteTableAsync();
        }
        if (status == IoStatus.Ok)
        {
            status = await run.Storage.FlushAsync();
        }
        if (status != IoStatus.Ok)
        {
            throw run.Fail($"ERROR writing refblock: {status.Describe()}", status);
        }
        status = await PointHeaderAsync();
        if (status != IoStatus.Ok)
        {
            throw run.Fail($"ERROR setting refcount table: {status.Describe()}", status);
        }
        run.Refcounts = await RefcountMap.LoadAsync(run.Storage, layout, tableOffset, tableClusters);
    }

    /// <summary>Finds room for the blocks of all that is referred to, for the table, and for the blocks that these need themselves.</summary>
    private void Plan()
    {
        foreach (var start in run.References.SortedChunks())
        {
            for (var cluster = start; cluster < start + ReferenceCounts.ChunkClusters; cluster++)
            {
                if (run.References[cluster] != 0)
                {
                    Cover(cluster);
                }
            }
        }
        while (true)
        {
            var entries = blocks.Count == 0 ? 1 : blocks.Keys.Max() + 1;
            var needed = layout.ClustersFor(entries * sizeof(ulong));
            if (needed << layout.ClusterBits > CheckLimits.RefcountTableBytes)
            {
                throw run.Fail("ERROR: the refcount table would be too large", IoStatus.FileTooBig);
            }
            if (needed <= tableClusters)
            {
                return;
            }
            ReleaseTable();
            tableClusters = (int)needed;
            tableOffset = Take(tableClusters) << layout.ClusterBits;
        }
    }

    /// <summary>Makes sure that there is a block to count <paramref name="cluster"/> in.</summary>
    private void Cover(long cluster)
    {
        while (true)
        {
            var index = cluster >> layout.RefcountBlockBits;
            if (blocks.ContainsKey(index))
            {
                return;
            }
            if ((blocks.Count + 1L) << layout.ClusterBits > CheckLimits.RebuiltBlockBytes)
            {
                throw run.Fail("ERROR: the refcount blocks would be too many", IoStatus.FileTooBig);
            }
            blocks.Add(index, 0);
            var own = Find(1);
            _ = taken.Add(own);
            blocks[index] = own << layout.ClusterBits;
            // The block's own cluster must be counted too.
            cluster = own;
        }
    }

    private long Take(int count)
    {
        var first = Find(count);
        for (var i = 0; i < count; i++)
        {
            _ = taken.Add(first + i);
        }
        for (var i = 0; i < count; i++)
        {
            Cover(first + i);
        }
        return first;
    }

    private void ReleaseTable()
    {
        for (var i = 0; i < tableClusters; i++)
        {
            _ = taken.Remove(layout.ClusterOf(tableOffset) + i);
        }
    }

    /// <summary>The first run of <paramref name="count"/> clusters that nothing uses.</summary>
    private long Find(int count)
    {
        var free = 0;
        for (var cluster = firstFree; ; cluster++)
        {
            if (run.References[cluster] != 0 || taken.Contains(cluster))
            {
                free = 0;
                if (cluster == firstFree)
                {
                    firstFree++;
                }
            }
            else if (++free == count)
            {
                return cluster - count + 1;
            }
        }
    }

    private long firstFree = 1;

    private async ValueTask<IoStatus> WriteBlocksAsync()
    {
        var bytes = new byte[layout.ClusterSize];
        foreach (var (index, offset) in blocks)
        {
            Array.Clear(bytes);
            var first = index << layout.RefcountBlockBits;
            for (var i = 0; i < 1 << layout.RefcountBlockBits; i++)
            {
                var count = taken.Contains(first + i) ? 1 : run.References[first + i];
                if (count != 0)
                {
                    RefcountCodec.Set(bytes, layout.RefcountOrder, i, count);
                }
            }
            var status = await run.Storage.WriteAsync(offset, bytes);
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        return IoStatus.Ok;
    }

    private ValueTask<IoStatus> WriteTableAsync()
    {
        var bytes = new byte[(long)tableClusters << layout.ClusterBits];
        foreach (var (index, offset) in blocks)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan((int)index * sizeof(ulong)), offset);
        }
        return run.Storage.WriteAsync(tableOffset, bytes);
    }

    /// <summary>The two fields lie side by side in one sector, so that no crash can separate them (qcow2 spec, "Header": bytes 48 to 59).</summary>
    private async ValueTask<IoStatus> PointHeaderAsync()
    {
        var fields = new byte[sizeof(ulong) + sizeof(uint)];
        BinaryPrimitives.WriteInt64BigEndian(fields, tableOffset);
        BinaryPrimitives.WriteInt32BigEndian(fields.AsSpan(sizeof(ulong)), tableClusters);
        var status = await run.Storage.WriteAsync(48, fields);
        return status == IoStatus.Ok ? await run.Storage.FlushAsync() : status;
    }
}
