using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Refcounts;

internal sealed partial class RefcountStore
{
    /// <summary>
    /// Moves the table to a larger place, so that it has an entry of <paramref name="tableIndex"/> at least. The new table lies
    /// behind everything that the old one could count, together with the blocks that count this very area:
    /// <code>
    ///   ... all that the old table counts | block | block ... | new table |
    ///                                     ^ area, counted by its own blocks
    /// </code>
    /// Nothing refers to the area until the header does; before the header is written the area is on disk.
    /// </summary>
    private async ValueTask<IoStatus> GrowTableAsync(long tableIndex)
    {
        await image.File.RaiseAsync(DebugEvent.ReftableGrow);
        var area = (long)table.Length << blockBits;
        var (tableClusters, areaBlocks) = PlanTable(tableIndex, area);
        var bytes = tableClusters << geometry.ClusterBits;
        if (bytes > Limits.RefcountTableBytes)
        {
            return IoStatus.FileTooBig;
        }
        if (area + areaBlocks + tableClusters > geometry.ClusterOf(Qcow2Geometry.MaxHostOffset))
        {
            return IoStatus.FileTooBig;
        }
        var grown = new long[bytes / 8];
        table.CopyTo(grown, 0);
        for (var i = 0L; i < areaBlocks; i++)
        {
            grown[(area >> blockBits) + i] = (area + i) << geometry.ClusterBits;
        }
        var tableOffset = (area + areaBlocks) << geometry.ClusterBits;
        var status = await WriteAreaAsync(area, areaBlocks, tableClusters, grown, tableOffset);
        if (status != IoStatus.Ok)
        {
            return status;
        }
        return await SwitchTableAsync(grown, tableOffset, (int)tableClusters, area, areaBlocks);
    }

    // Clusters of the new table, and blocks that count the area of table and blocks.
    private (long TableClusters, long AreaBlocks) PlanTable(long tableIndex, long area)
    {
        var entries = Math.Max(tableIndex + 1, table.Length + (table.Length / Limits.TableGrowthDivisor));
        long tableClusters;
        long areaBlocks = 1;
        while (true)
        {
            entries = Math.Max(entries, (area >> blockBits) + areaBlocks);
            tableClusters = geometry.ClustersFor(entries * 8);
            var needed = Alignment.DivideUp(areaBlocks + tableClusters, geometry.RefcountBlockEntries);
            if (needed <= areaBlocks)
            {
                return (tableClusters, areaBlocks);
            }
            areaBlocks = needed;
        }
    }

    private async ValueTask<IoStatus> WriteAreaAsync(
        long area,
        long areaBlocks,
        long tableClusters,
        long[] grown,
        long tableOffset
    )
    {
        var status = await image.CheckOverlapAsync(
            MetadataKinds.None,
            area << geometry.ClusterBits,
            (areaBlocks + tableClusters) << geometry.ClusterBits
        );
        using var buffer = AlignedBufferPool.Shared.Rent(
            (int)Math.Max(geometry.ClusterSize, tableClusters << geometry.ClusterBits)
        );
        for (var i = 0L; i < areaBlocks && status == IoStatus.Ok; i++)
        {
            var content = buffer.Memory[..geometry.ClusterSize];
            content.Span.Clear();
            var used = Math.Min(geometry.RefcountBlockEntries, areaBlocks + tableClusters - (i << blockBits));
            for (var k = 0; k < used; k++)
            {
                RefcountCodec.Set(content.Span, order, k, 1);
            }
            await image.File.RaiseAsync(DebugEvent.RefblockAllocWriteBlocks);
            status = await image.WriteFileAsync((area + i) << geometry.ClusterBits, content);
        }
        if (status == IoStatus.Ok)
        {
            var content = buffer.Memory[..(int)(tableClusters << geometry.ClusterBits)];
            EncodeTable(grown, content.Span);
            await image.File.RaiseAsync(DebugEvent.RefblockAllocWriteTable);
            status = await image.WriteFileAsync(tableOffset, content);
        }
        return status;
    }

    private async ValueTask<IoStatus> SwitchTableAsync(
        long[] grown,
        long tableOffset,
        int tableClusters,
        long area,
        long areaBlocks
    )
    {
        // Entries of the old table that are not on disk yet are in the new one; their blocks must be, too.
        var status = await WriteBackBlocksOnlyAsync();
        if (status == IoStatus.Ok)
        {
            status = await image.BarrierAsync();
        }
        if (status != IoStatus.Ok)
        {
            return status;
        }
        var header = image.Header;
        var (oldOffset, oldClusters) = (header.RefcountTableOffset, header.RefcountTableClusters);
        (header.RefcountTableOffset, header.RefcountTableClusters) = (tableOffset, tableClusters);
        await image.File.RaiseAsync(DebugEvent.RefblockAllocSwitchTable);
        status = await image.UpdateHeaderAsync();
        if (status != IoStatus.Ok)
        {
            (header.RefcountTableOffset, header.RefcountTableClusters) = (oldOffset, oldClusters);
            _ = await image.RestoreHeaderAsync();
            return status;
        }
        table = grown;
        image.NoteRefcountTable();
        (firstDirtyEntry, lastDirtyEntry) = (long.MaxValue, -1);
        for (var i = 0L; i < areaBlocks; i++)
        {
            image.Metadata.Add(area + i, MetadataKinds.RefcountBlock);
        }
        return oldClusters == 0 ? IoStatus.Ok : await ReleaseAsync(oldOffset, (long)oldClusters << geometry.ClusterBits);
    }

    private async ValueTask<IoStatus> WriteBackBlocksOnlyAsync()
    {
        for (var i = 0; dirtyBlocks > 0 && i < clock.Count; i++)
        {
            var status = await WriteBlockAsync(clock[i]);
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        return IoStatus.Ok;
    }
}
