using System.Buffers.Binary;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Metadata;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Image
{
    /// <summary>
    /// Moves the L1 table to a place with room for <paramref name="entries"/>, if it has fewer. The new one is on the medium
    /// before the header names it, the old one is freed after. Under the lock.
    /// </summary>
    public async ValueTask<IoStatus> GrowL1Async(long entries)
    {
        if (entries <= L1.Entries)
        {
            return IoStatus.Ok;
        }
        if (entries > Qcow2.Limits.L1TableBytes / 8)
        {
            return IoStatus.FileTooBig;
        }
        var status = await WriteAllAsync();
        if (status != IoStatus.Ok)
        {
            return status;
        }
        var bytes = (int)entries * 8;
        await File.RaiseAsync(DebugEvent.L1GrowAllocTable);
        var allocated = await Refcounts.AllocateAsync(Geometry.ClustersFor(bytes));
        if (allocated.Status != IoStatus.Ok)
        {
            return allocated.Status;
        }
        var grown = L1.CopyTo((int)entries);
        status = await WriteL1Async(grown, allocated.Offset);
        if (status != IoStatus.Ok)
        {
            _ = await Refcounts.ReleaseAsync(allocated.Offset, bytes);
            return status;
        }
        var (oldOffset, oldEntries) = (Header.L1Offset, Header.L1Entries);
        (Header.L1Offset, Header.L1Entries) = (allocated.Offset, (int)entries);
        await File.RaiseAsync(DebugEvent.L1GrowActivateTable);
        status = await UpdateHeaderAsync();
        if (status != IoStatus.Ok)
        {
            (Header.L1Offset, Header.L1Entries) = (oldOffset, oldEntries);
            _ = await RestoreHeaderAsync() ? await Refcounts.ReleaseAsync(allocated.Offset, bytes) : status;
            return status;
        }
        L1.Replace(grown);
        NoteL1();
        _ = oldEntries == 0 || await ReleaseAndDiscardAsync(new(oldOffset, oldEntries * 8L), DiscardKind.Other);
        return IoStatus.Ok;
    }

    /// <summary>
    /// Lets go of the L2 tables from an L1 entry on, whose entries have been cleared, and writes everything. Under the lock.
    /// </summary>
    public async ValueTask<IoStatus> ShrinkL1Async(int firstL1Index)
    {
        if (firstL1Index < L1.Entries)
        {
            await File.RaiseAsync(DebugEvent.L1ShrinkWriteTable);
        }
        DropL2Tables(firstL1Index);
        var status = await WriteReferencesAsync();
        if (status == IoStatus.Ok && firstL1Index < L1.Entries)
        {
            await File.RaiseAsync(DebugEvent.L1ShrinkFreeL2Clusters);
        }
        return status == IoStatus.Ok ? await WriteAllAsync() : status;
    }

    private void DropL2Tables(int firstL1Index)
    {
        for (var i = firstL1Index; i < L1.Entries; i++)
        {
            var table = L1.OffsetOf(i);
            if (table == 0)
            {
                continue;
            }
            L2.DropTable(table);
            Metadata.Remove(Geometry.ClusterOf(table), MetadataKinds.ActiveL2);
            FreeLater(table, Geometry.ClusterSize, DiscardKind.Always);
            L1[i] = 0;
        }
    }

    /// <summary>Writes the disk's size into the header, durably. Under the lock.</summary>
    public async ValueTask<IoStatus> WriteSizeAsync(long sizeBytes)
    {
        var status = await BarrierAsync();
        if (status != IoStatus.Ok)
        {
            return status;
        }
        using var field = AlignedBufferPool.Shared.Rent(8);
        BinaryPrimitives.WriteInt64BigEndian(field.GetSpan(), sizeBytes);
        status = await WriteFileAsync(24, field.Memory);
        if (status == IoStatus.Ok)
        {
            status = await BarrierAsync();
        }
        if (status == IoStatus.Ok)
        {
            Header.SizeBytes = sizeBytes;
        }
        else
        {
            _ = await RestoreHeaderAsync();
        }
        return status;
    }

    /// <summary>End of the last cluster of the file that is referenced, bytes; -1 if that can't be found out. Under the lock.</summary>
    public async ValueTask<long> FindEndAsync()
    {
        for (var cluster = Geometry.ClustersFor(File.SizeBytes) - 1; cluster >= 0; cluster--)
        {
            var refcount = await Refcounts.GetAsync(cluster);
            if (refcount.Status != IoStatus.Ok)
            {
                return -1;
            }
            if (refcount.Value > 0)
            {
                return (cluster + 1) << Geometry.ClusterBits;
            }
        }
        return -1;
    }

    private async ValueTask<IoStatus> WriteL1Async(ulong[] entries, long offset)
    {
        using var buffer = AlignedBufferPool.Shared.Rent(entries.Length * 8);
        L1Table.Encode(entries, buffer.GetSpan());
        var status = await CheckOverlapAsync(MetadataKinds.None, offset, buffer.Length);
        if (status == IoStatus.Ok)
        {
            await File.RaiseAsync(DebugEvent.L1GrowWriteTable);
            status = await WriteFileAsync(offset, buffer.Memory);
        }
        if (status == IoStatus.Ok)
        {
            status = await Refcounts.WriteBackAsync();
        }
        return status == IoStatus.Ok ? await BarrierAsync() : status;
    }
}
