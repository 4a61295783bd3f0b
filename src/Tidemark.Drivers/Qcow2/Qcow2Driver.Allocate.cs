using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2;

// Host clusters for a write: found and counted in memory before the data is written, named in the L2 table after it.
internal sealed partial class Qcow2Driver
{
    /// <summary>Allocates for the clusters at the start of the range without a wait, or gives null. Nobody holds the lock.</summary>
    private PendingAllocation? TryAllocate(GuestRun run, ByteRange range)
    {
        if (run.Kind == ClusterKind.Invalid || (run.Kind == ClusterKind.Normal && run.IsCopied))
        {
            return null;
        }
        var l1Index = (int)Image.Geometry.L1Index(range.Offset);
        if (Image.L1.OffsetOf(l1Index) == 0 || !Image.L1.IsCopied(l1Index))
        {
            return null;
        }
        if (run.Kind == ClusterKind.ZeroAllocated && run.IsCopied)
        {
            return BeginKept(run, range);
        }
        if (!Image.L2.TryGet(mapper.SliceOffset(range.Offset), out var slice))
        {
            return null;
        }
        var clusters = CountToAllocate(slice, range);
        return Image.Refcounts.TryAllocate(clusters, out var host) ? BeginNew(range, clusters, host) : null;
    }

    /// <summary>
    /// The same, loading and making what is missing; under the lock. Null when there is nothing to allocate any more or somebody
    /// else is at it.
    /// </summary>
    private async ValueTask<(IoStatus Status, PendingAllocation? Allocation)> AllocateAsync(ByteRange range)
    {
        var status = await Image.MarkDirtyIfLazyAsync();
        if (status == IoStatus.Ok && Image.PendingFreeCount > Qcow2.Limits.PendingFrees)
        {
            // Clusters that were copied away wait to be free; the list is bounded.
            status = await Image.WriteBackAsync();
        }
        if (status != IoStatus.Ok)
        {
            return (status, null);
        }
        (status, var slice) = await LoadForChangeAsync(range.Offset);
        if (status != IoStatus.Ok || slice is null || allocations.Touches(FirstCluster(range)))
        {
            return (status, null);
        }
        _ = mapper.TryMap(range.Offset, range.Length, out var run, out _);
        if (run.Kind == ClusterKind.Invalid || (run.Kind == ClusterKind.Normal && run.IsCopied))
        {
            return (IoStatus.Ok, null);
        }
        if (run.Kind == ClusterKind.ZeroAllocated && run.IsCopied)
        {
            return (IoStatus.Ok, BeginKept(run, range));
        }
        var clusters = CountToAllocate(slice, range);
        var allocated = await Image.Refcounts.AllocateAsync(clusters);
        return allocated.Status == IoStatus.Ok
            ? (IoStatus.Ok, BeginNew(range, clusters, allocated.Offset))
            : (allocated.Status, null);
    }

    // Clusters from the range's first on, within the slice, that a write needs new host clusters for.
    private int CountToAllocate(L2Slice slice, ByteRange range)
    {
        var geometry = Image.Geometry;
        var index = mapper.SliceIndex(range.Offset);
        var inCluster = geometry.OffsetInCluster(range.Offset);
        var wanted = geometry.ClustersFor(inCluster + Math.Min(range.Length, Qcow2.Limits.AllocationRun));
        wanted = Math.Min(wanted, Image.L2.SliceEntries - index);
        var start = geometry.ClusterStart(range.Offset);
        var count = 1;
        while (count < wanted && NeedsNewCluster(slice[index + count]) && !IsPending(start, count))
        {
            count++;
        }
        return count;
    }

    private bool IsPending(long start, int cluster) =>
        allocations.Touches(new ByteRange(start + ((long)cluster << Image.Geometry.ClusterBits), ClusterSize));

    private bool NeedsNewCluster(ulong entry) =>
        mapper.KindOf(entry) switch
        {
            ClusterKind.Normal or ClusterKind.ZeroAllocated => (entry & EntryBits.Copied) == 0,
            ClusterKind.Invalid => false,
            _ => true,
        };

    private PendingAllocation BeginNew(ByteRange range, long clusters, long host) =>
        allocations.Begin(
            new ByteRange(Image.Geometry.ClusterStart(range.Offset), clusters << Image.Geometry.ClusterBits),
            host,
            true
        );

    private PendingAllocation BeginKept(GuestRun run, ByteRange range)
    {
        var start = Image.Geometry.ClusterStart(range.Offset);
        var clusters = Image.Geometry.ClustersFor(range.Offset + run.Length - start);
        var count = 1;
        while (count < clusters && !IsPending(start, count))
        {
            count++;
        }
        var guest = new ByteRange(start, (long)count << Image.Geometry.ClusterBits);
        return allocations.Begin(guest, Image.Geometry.ClusterStart(run.HostOffset), isNew: false);
    }

    /// <summary>
    /// Ends an allocation: names its clusters in the L2 table if <paramref name="written"/> is good, gives them back otherwise.
    /// False when that can't be done without a wait. Nobody holds the lock, or the caller does.
    /// </summary>
    private bool TryLink(PendingAllocation allocation, IoStatus written)
    {
        if (written != IoStatus.Ok || !Image.L2.TryGet(mapper.SliceOffset(allocation.Guest.Offset), out var slice))
        {
            return false;
        }
        var geometry = Image.Geometry;
        var index = mapper.SliceIndex(allocation.Guest.Offset);
        var clusters = (int)(allocation.Guest.Length >> geometry.ClusterBits);
        var host = (ulong)allocation.HostOffset;
        for (var i = 0; i < clusters; i++)
        {
            var old = slice[index + i];
            slice[index + i] = (host + ((ulong)i << geometry.ClusterBits)) | EntryBits.Copied;
            if (old != 0 && allocation.IsNew)
            {
                FreeEntryLater(old, DiscardKind.Never);
            }
        }
        Image.L2.MarkDirty(slice);
        Image.NoteWrite();
        allocations.End(allocation);
        return true;
    }

    private async ValueTask<IoStatus> LinkAsync(PendingAllocation allocation, IoStatus written)
    {
        await Image.Lock.EnterAsync();
        try
        {
            var status = written;
            while (status == IoStatus.Ok)
            {
                if (TryLink(allocation, IoStatus.Ok))
                {
                    return IoStatus.Ok;
                }
                status = await Image.L2.LoadAsync(mapper.SliceOffset(allocation.Guest.Offset), underLock: true);
            }
            if (allocation.IsNew)
            {
                // Nothing ever referred to them.
                _ = await Image.Refcounts.ReleaseAsync(allocation.HostOffset, allocation.Guest.Length);
            }
            allocations.End(allocation);
            return status;
        }
        finally
        {
            Image.Lock.Exit();
        }
    }

    /// <summary>Frees what an L2 entry that is no more in use referred to; under the lock or without a wait.</summary>
    private void FreeEntryLater(ulong entry, DiscardKind discard)
    {
        switch (mapper.KindOf(entry))
        {
            case ClusterKind.Compressed:
                var (offset, length) = Image.Geometry.DecodeCompressed(entry);
                Image.FreeLater(offset, length, discard);
                break;
            case ClusterKind.Normal or ClusterKind.ZeroAllocated:
                Image.FreeLater((long)(entry & Qcow2Geometry.OffsetMask), ClusterSize, discard);
                break;
            default:
                break;
        }
    }
}
