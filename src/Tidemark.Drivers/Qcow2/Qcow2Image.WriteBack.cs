using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2;

// The order in which metadata reaches the medium, so that a crash at any point leaves leaks at worst:
//
//     guest data of new clusters ┐
//     refcount blocks            ├─ flush ─ L2 slices ─ flush ─ L1 entries ─ flush ─ refcounts lowered, holes punched
//       └ flush ─ refcount table ┘
//
// A flush is left out where nothing needs it. With lazy refcounts, under the dirty bit, refcounts wait until the image is closed.
internal sealed partial class Qcow2Image
{
    private readonly List<PendingFree> pendingFrees = [];
    private readonly List<ByteRange> inFlight = [];

    /// <summary>Whether refcounts on the medium must be right at any time.</summary>
    public bool NeedsAccurateRefcounts => !Header.IsDirty;

    /// <summary>Whether a write-back has anything to do.</summary>
    public bool HasDirtyMetadata =>
        L2.IsDirty || L1.IsDirty || pendingFrees.Count > 0 || (Refcounts.IsDirty && NeedsAccurateRefcounts);

    /// <summary>Ranges of clusters that wait for their last reference to leave the medium.</summary>
    public int PendingFreeCount => pendingFrees.Count;

    /// <summary>Writes all dirty metadata in order; what was written last is durable only after the caller's flush. Under the lock.</summary>
    public async ValueTask<IoStatus> WriteBackAsync()
    {
        var status = await WriteReferencesAsync();
        if (status != IoStatus.Ok || pendingFrees.Count == 0)
        {
            return status;
        }
        status = await BarrierAsync();
        if (status != IoStatus.Ok)
        {
            return status;
        }
        await ApplyFreesAsync();
        return NeedsAccurateRefcounts ? await Refcounts.WriteBackAsync() : IoStatus.Ok;
    }

    /// <summary>Writes everything and makes it durable, lazy refcounts too; for closing, checking and storing. Under the lock.</summary>
    public async ValueTask<IoStatus> WriteAllAsync()
    {
        var status = await WriteBackAsync();
        if (status == IoStatus.Ok)
        {
            status = await Refcounts.WriteBackAsync();
        }
        return status == IoStatus.Ok ? await BarrierAsync() : status;
    }

    /// <summary>
    /// Frees the clusters that the bytes touch once the references to them have left the medium: at the next write-back, and not
    /// while a request that found them before is under way. Under the lock or without a wait; the references in memory are gone.
    /// </summary>
    public void FreeLater(long offset, long bytes, DiscardKind discard)
    {
        if (
            pendingFrees.Count > 0
            && pendingFrees[^1] is var last
            && last.Range.End == offset
            && last.Discard == discard
            && Geometry.IsClusterAligned(offset)
        )
        {
            pendingFrees[^1] = new(new ByteRange(last.Range.Offset, last.Range.Length + bytes), discard);
            return;
        }
        pendingFrees.Add(new(new ByteRange(offset, bytes), discard));
    }

    /// <summary>Allocates contiguous clusters for <paramref name="bytes"/>; takes the lock.</summary>
    public async ValueTask<ClusterAllocation> AllocateClustersAsync(long bytes)
    {
        await Lock.EnterAsync();
        try
        {
            return await Refcounts.AllocateAsync(Geometry.ClustersFor(bytes));
        }
        finally
        {
            Lock.Exit();
        }
    }

    /// <summary>Frees clusters whose references have left the medium already, or says that they leak; takes the lock.</summary>
    public async ValueTask FreeClustersAsync(long offset, long bytes, DiscardKind discard = DiscardKind.Other)
    {
        await Lock.EnterAsync();
        try
        {
            _ = await ReleaseAndDiscardAsync(new ByteRange(offset, bytes), discard);
        }
        finally
        {
            Lock.Exit();
        }
    }

    /// <summary>Notes that a request for these bytes of the image file is under way, so that they are not given to someone else.</summary>
    public void BeginHostIo(ByteRange range) => inFlight.Add(range);

    /// <summary>Ends what <see cref="BeginHostIo"/> began.</summary>
    public void EndHostIo(ByteRange range)
    {
        var index = inFlight.IndexOf(range);
        inFlight[index] = inFlight[^1];
        inFlight.RemoveAt(inFlight.Count - 1);
    }

    private async ValueTask<IoStatus> WriteReferencesAsync()
    {
        var status = IoStatus.Ok;
        if (NeedsAccurateRefcounts && Refcounts.IsDirty)
        {
            status = await Refcounts.WriteBackAsync();
        }
        if (status == IoStatus.Ok && L2.IsDirty)
        {
            status = await BarrierAsync();
            status = status == IoStatus.Ok ? await L2.WriteBackAsync() : status;
        }
        if (status == IoStatus.Ok && L1.IsDirty)
        {
            status = await BarrierAsync();
            status = status == IoStatus.Ok ? await L1.WriteBackAsync() : status;
        }
        return status;
    }

    private async ValueTask ApplyFreesAsync()
    {
        var due = pendingFrees.ToArray();
        pendingFrees.Clear();
        for (var i = 0; i < due.Length; i++)
        {
            if (IsInFlight(due[i].Range.Expand(Geometry.ClusterSize)))
            {
                pendingFrees.Add(due[i]);
                continue;
            }
            if (!await ReleaseAndDiscardAsync(due[i].Range, due[i].Discard))
            {
                // The rest would be leaked too; it may go better next time.
                pendingFrees.AddRange(due[(i + 1)..]);
                return;
            }
        }
    }

    private bool IsInFlight(ByteRange range)
    {
        foreach (var other in inFlight)
        {
            if (other.Overlaps(range))
            {
                return true;
            }
        }
        return false;
    }

    // Clusters that can't be freed are a leak, no reason to fail what is done to the guest's data: then it is false.
    private async ValueTask<bool> ReleaseAndDiscardAsync(ByteRange range, DiscardKind discard)
    {
        await File.RaiseAsync(DebugEvent.ClusterFree);
        var status = await Refcounts.ReleaseAsync(range.Offset, range.Length);
        if (status == IoStatus.InvalidArgument)
        {
            await MarkCorruptAsync(
                $"Freeing clusters that are not in use (offset {Hex.Of(range.Offset)}, size {Hex.Of(range.Length)})",
                range.Offset,
                range.Length,
                fatal: false
            );
            return true;
        }
        if (status != IoStatus.Ok)
        {
            Node.Graph.Tell($"qcow2_free_clusters failed: {status.Describe()}");
            return false;
        }
        if (PassesDiscard(discard))
        {
            await DiscardFreedAsync(range.Expand(Geometry.ClusterSize));
        }
        return true;
    }

    // Only what nobody refers to any more; a cluster that a snapshot still holds keeps its content.
    private async ValueTask DiscardFreedAsync(ByteRange range)
    {
        var start = range.Offset;
        for (var at = range.Offset; at <= range.End; at += Geometry.ClusterSize)
        {
            var isFree = false;
            if (at < range.End)
            {
                var refcount = await Refcounts.GetAsync(Geometry.ClusterOf(at));
                isFree = refcount is { Status: IoStatus.Ok, Value: 0 };
            }
            if (!isFree)
            {
                if (at > start && File.Node.Options.Discard == DiscardMode.Unmap)
                {
                    // A hint: what the file makes of it does not matter.
                    _ = await File.DiscardAsync(ByteRange.Between(start, at));
                }
                start = at + Geometry.ClusterSize;
            }
        }
    }

    private bool PassesDiscard(DiscardKind kind) =>
        kind switch
        {
            DiscardKind.Always => true,
            DiscardKind.Request => Options.PassDiscardRequest ?? Node.Options.Discard == DiscardMode.Unmap,
            DiscardKind.Snapshot => Options.PassDiscardSnapshot,
            DiscardKind.Other => Options.PassDiscardOther,
            _ => false,
        };

    private readonly record struct PendingFree(ByteRange Range, DiscardKind Discard);
}
