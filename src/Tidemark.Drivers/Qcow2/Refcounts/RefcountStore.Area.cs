using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Refcounts;

internal sealed partial class RefcountStore
{
    /// <summary>
    /// Reserves clusters in one piece behind <paramref name="end"/>, with everything that counting them takes in front of them:
    /// <code>
    ///   ... end | blocks that are missing | new refcount table | clusters ...
    /// </code>
    /// so that a large area needs no further blocks in between. Under the lock, everything dirty has been written.
    /// </summary>
    /// <param name="end">End of the file, bytes, at a cluster.</param>
    /// <param name="clusters">Clusters to reserve.</param>
    /// <param name="extra">Clusters that will be allocated behind them soon and are to be counted by the same blocks.</param>
    public async ValueTask<ClusterAllocation> ReserveAreaAsync(long end, long clusters, long extra)
    {
        var status = await image.WriteAllAsync();
        if (status != IoStatus.Ok)
        {
            return new(status, 0);
        }
        var first = geometry.ClusterOf(end);
        var (missing, tableClusters, entries) = PlanArea(first, clusters + extra);
        if (tableClusters << geometry.ClusterBits > Limits.RefcountTableBytes)
        {
            return new(IoStatus.FileTooBig, 0);
        }
        var tableAt = first + missing.Count;
        var dataAt = tableAt + tableClusters;
        var grown = new long[Math.Max(entries, tableClusters * geometry.RefcountTableEntriesPerCluster)];
        table.CopyTo(grown, 0);
        for (var i = 0; i < missing.Count; i++)
        {
            grown[missing[i]] = (first + i) << geometry.ClusterBits;
        }
        status = await WriteReservedAsync(grown, missing, first, dataAt + clusters, tableAt, (int)tableClusters);
        return new(status, dataAt << geometry.ClusterBits);
    }

    // Which blocks are missing, how large the new table is, and how many entries it has to have: each depends on the others.
    private (List<long> Missing, long TableClusters, long Entries) PlanArea(long first, long clusters)
    {
        var overhead = 0L;
        while (true)
        {
            var last = first + overhead + clusters - 1;
            var entries = Math.Max(table.Length == 0 ? 0 : LastUsedEntry() + 1, (last >> blockBits) + 1);
            List<long> missing = [];
            for (var index = first >> blockBits; index < entries; index++)
            {
                if (index >= table.Length || table[index] == 0)
                {
                    missing.Add(index);
                }
            }
            var tableClusters = geometry.ClustersFor(entries * 8);
            if (missing.Count + tableClusters <= overhead)
            {
                return (missing, tableClusters, entries);
            }
            overhead = missing.Count + tableClusters;
        }
    }

    private long LastUsedEntry() => Array.FindLastIndex(table, static offset => offset != 0);

    private async ValueTask<IoStatus> WriteReservedAsync(
        long[] grown,
        List<long> missing,
        long first,
        long end,
        long tableAt,
        int tableClusters
    )
    {
        var status = await MarkExistingAsync(grown, missing, first, end);
        using var buffer = AlignedBufferPool.Shared.Rent(Math.Max(geometry.ClusterSize, tableClusters << geometry.ClusterBits));
        for (var i = 0; i < missing.Count && status == IoStatus.Ok; i++)
        {
            var content = buffer.Memory[..geometry.ClusterSize];
            content.Span.Clear();
            var start = missing[i] << blockBits;
            for (var cluster = Math.Max(start, first); cluster < Math.Min(start + geometry.RefcountBlockEntries, end); cluster++)
            {
                RefcountCodec.Set(content.Span, order, (int)(cluster - start), 1);
            }
            await image.File.RaiseAsync(DebugEvent.RefblockAllocWriteBlocks);
            status = await image.WriteFileAsync((first + i) << geometry.ClusterBits, content);
        }
        if (status != IoStatus.Ok)
        {
            return status;
        }
        var encoded = buffer.Memory[..(tableClusters << geometry.ClusterBits)];
        encoded.Span.Clear();
        EncodeTable(grown.AsSpan(0, encoded.Length / 8), encoded.Span);
        await image.File.RaiseAsync(DebugEvent.RefblockAllocWriteTable);
        status = await image.WriteFileAsync(tableAt << geometry.ClusterBits, encoded);
        return status == IoStatus.Ok
            ? await SwitchTableAsync(grown, tableAt << geometry.ClusterBits, tableClusters, first, missing.Count)
            : status;
    }

    // The part of the area that blocks which exist count already.
    private async ValueTask<IoStatus> MarkExistingAsync(long[] grown, List<long> missing, long first, long end)
    {
        for (var index = first >> blockBits; index <= (end - 1) >> blockBits; index++)
        {
            if (missing.Contains(index) || grown[index] == 0)
            {
                continue;
            }
            var from = Math.Max(first, index << blockBits);
            var to = Math.Min(end, (index + 1) << blockBits);
            var marked = await MarkRunAsync(from, to - from, moveHint: false);
            if (marked.Status != IoStatus.Ok)
            {
                return marked.Status;
            }
        }
        return IoStatus.Ok;
    }
}
