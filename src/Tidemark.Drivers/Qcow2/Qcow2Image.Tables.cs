using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Metadata;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Image
{
    /// <summary>Whether the dirty bit must be set before the next allocation.</summary>
    public bool MustMarkDirty => UsesLazyRefcounts && !Header.IsDirty;

    /// <summary>Sets the dirty bit, durably, if refcounts are kept up lazily and it isn't set yet. Under the lock.</summary>
    public async ValueTask<IoStatus> MarkDirtyIfLazyAsync()
    {
        if (!MustMarkDirty)
        {
            return IoStatus.Ok;
        }
        Header.IncompatibleFeatures |= Qcow2Features.Dirty;
        var status = await UpdateFeaturesAsync();
        if (status != IoStatus.Ok)
        {
            Header.IncompatibleFeatures &= ~Qcow2Features.Dirty;
        }
        return status;
    }

    /// <summary>Takes the dirty bit away once everything is on the medium. Under the lock.</summary>
    public async ValueTask<IoStatus> MarkCleanAsync()
    {
        if (!Header.IsDirty)
        {
            return IoStatus.Ok;
        }
        var status = await WriteAllAsync();
        if (status != IoStatus.Ok)
        {
            return status;
        }
        Header.IncompatibleFeatures &= ~Qcow2Features.Dirty;
        status = await UpdateFeaturesAsync();
        if (status != IoStatus.Ok)
        {
            Header.IncompatibleFeatures |= Qcow2Features.Dirty;
            _ = await RestoreHeaderAsync();
        }
        return status;
    }

    /// <summary>
    /// Sees to it that the L1 entry has an L2 table that may be changed in place: makes an empty one, or a copy of one that a
    /// snapshot shares. Under the lock.
    /// </summary>
    public async ValueTask<IoStatus> EnsureL2TableAsync(int l1Index)
    {
        var old = L1.OffsetOf(l1Index);
        if (!Geometry.IsClusterAligned(old))
        {
            await MarkCorruptAsync($"L2 table offset {Hex.Of(old)} unaligned (L1 index: {Hex.Of(l1Index)})", -1, -1, fatal: true);
            return IoStatus.IoError;
        }
        if (old != 0 && L1.IsCopied(l1Index))
        {
            return IoStatus.Ok;
        }
        var allocated = await Refcounts.AllocateAsync(1);
        if (allocated.Status != IoStatus.Ok)
        {
            return allocated.Status;
        }
        var status = await FillL2TableAsync(old, allocated.Offset);
        if (status != IoStatus.Ok)
        {
            _ = await Refcounts.ReleaseAsync(allocated.Offset, Geometry.ClusterSize);
            return status;
        }
        L1[l1Index] = (ulong)allocated.Offset | EntryBits.Copied;
        Metadata.Add(Geometry.ClusterOf(allocated.Offset), MetadataKinds.ActiveL2);
        if (old != 0)
        {
            Metadata.Remove(Geometry.ClusterOf(old), MetadataKinds.ActiveL2);
            L2.DropTable(old);
            FreeLater(old, Geometry.ClusterSize, DiscardKind.Other);
        }
        return IoStatus.Ok;
    }

    private async ValueTask<IoStatus> FillL2TableAsync(long old, long offset)
    {
        var status = await CheckOverlapAsync(MetadataKinds.None, offset, Geometry.ClusterSize);
        if (status != IoStatus.Ok)
        {
            return status;
        }
        if (old == 0)
        {
            await File.RaiseAsync(DebugEvent.L2AllocWrite);
        }
        if (old == 0 && L2.SliceBytes == Geometry.ClusterSize)
        {
            // The whole table is one slice: it is written once, with its first entries.
            status = await L2.MakeRoomAsync();
            if (status == IoStatus.Ok)
            {
                _ = L2.Create(offset);
            }
            return status;
        }
        if (old == 0)
        {
            NoteWrite();
            return await File.WriteZeroesAsync(new ByteRange(offset, Geometry.ClusterSize));
        }
        using var table = AlignedBufferPool.Shared.Rent(Geometry.ClusterSize);
        await File.RaiseAsync(DebugEvent.L2AllocCowRead);
        status = await ReadFileAsync(old, table.Memory);
        if (status != IoStatus.Ok)
        {
            return status;
        }
        await File.RaiseAsync(DebugEvent.L2AllocWrite);
        return await WriteFileAsync(offset, table.Memory);
    }
}
