using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Snapshots;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>
/// Checks and repairs an image (qemu-img check). It reads the file itself, past the driver's caches: counts all references
/// (<see cref="ReferenceWalk"/>), compares them with the recorded refcounts (<see cref="RefcountComparison"/>), rebuilds those if
/// they are past mending (<see cref="RefcountRebuild"/>), and looks at the flags that depend on them (<see cref="CopiedFlagCheck"/>).
/// Nothing else may change the image meanwhile.
/// </summary>
internal sealed class Qcow2Checker
{
    private readonly CheckRun run;

    /// <summary>A check of the image in <paramref name="storage"/>.</summary>
    /// <param name="storage">The image file.</param>
    /// <param name="layout">Where its metadata lies.</param>
    /// <param name="repair">What to mend.</param>
    /// <param name="report">Takes each finding as a line for people.</param>
    public Qcow2Checker(ICheckStorage storage, CheckLayout layout, ImageRepair repair, Action<string> report) =>
        run = new(storage, layout, repair, report);

    /// <summary>
    /// What has been found so far; complete once <see cref="CheckAsync"/> has returned. Where the refcount table lies may have
    /// changed: <see cref="RefcountTableOffset"/>.
    /// </summary>
    public ImageCheckResult Result => run.Result;

    /// <summary>Offset of the refcount table after the check, bytes: a repair may have moved it.</summary>
    public long RefcountTableOffset => run.Refcounts?.TableOffset ?? run.Layout.RefcountTableOffset;

    /// <summary>Clusters of the refcount table after the check.</summary>
    public int RefcountTableClusters =>
        run.Refcounts is { } map ? (int)(map.TableBytes >> run.Layout.ClusterBits) : run.Layout.RefcountTableClusters;

    /// <summary>Checks. Throws <see cref="BlockException"/> when it can't go on; what was mended until then stays.</summary>
    public async ValueTask<ImageCheckResult> CheckAsync()
    {
        var layout = run.Layout;
        run.Result.TotalClusters = layout.ClustersFor(layout.SizeBytes);
        await SnapshotTable.ReadAsync(run);
        run.Refcounts = await RefcountMap.LoadAsync(
            run.Storage,
            layout,
            layout.RefcountTableOffset,
            layout.RefcountTableClusters
        );
        await new ReferenceWalk(run, mayRepair: true).CountAsync();
        var counted = Snapshot(run.Result);
        await RefcountComparison.CompareAsync(run, repairLeaks: false, repairErrors: false);
        if (run.NeedsRebuild && run.RepairsErrors)
        {
            await RebuildAsync();
        }
        else if (run.RepairsLeaks || run.RepairsErrors)
        {
            if (run.NeedsRebuild)
            {
                run.Report("ERROR need to rebuild refcount structures");
                throw new BlockException(IoStatus.IoError, "Check failed");
            }
            if (run.Result.Leaks > 0 || run.Result.Corruptions > 0)
            {
                Restore(counted);
                await RefcountComparison.CompareAsync(run, run.RepairsLeaks, run.RepairsErrors);
            }
        }
        await new CopiedFlagCheck(run).CheckAsync();
        await FinishAsync();
        run.Result.Corruptions += run.SnapshotCorruptions;
        return run.Result;
    }

    /// <summary>
    /// The snapshots as a repair left them, if their table is to be written anew; null otherwise. Whoever has done that calls
    /// <see cref="NoteSnapshotsWritten"/>.
    /// </summary>
    public IReadOnlyList<Qcow2Snapshot>? MendedSnapshots =>
        run.RepairsErrors && run.SnapshotCorruptions > 0 ? run.Snapshots : null;

    /// <summary>Bytes that the snapshot table takes in the file, as its entries add up.</summary>
    public long SnapshotTableBytes => run.SnapshotTableBytes;

    /// <summary>Whether stored bitmaps are to be stored anew, which mends them.</summary>
    public bool HasBitmapsOutside => run.HasBitmapsOutside;

    /// <summary>Counts what was wrong with the snapshot table as mended.</summary>
    public void NoteSnapshotsWritten()
    {
        run.Result.Corruptions -= run.SnapshotCorruptions;
        run.Result.CorruptionsFixed += run.SnapshotCorruptions;
        run.SnapshotCorruptions = 0;
    }

    private async ValueTask RebuildAsync()
    {
        var before = Snapshot(run.Result);
        run.Report("Rebuilding refcount structure");
        await new RefcountRebuild(run).RebuildAsync();
        (run.Result.Corruptions, run.Result.Leaks) = (0, 0);
        await new ReferenceWalk(run, mayRepair: false).CountAsync();
        // The old table and blocks are all that can have leaked; freeing them is not counted as a repair of its own.
        var fixedBefore = (run.Result.LeaksFixed, run.Result.CorruptionsFixed);
        await RefcountComparison.CompareAsync(run, repairLeaks: true, repairErrors: false);
        (run.Result.LeaksFixed, run.Result.CorruptionsFixed) = fixedBefore;
        if (run.NeedsRebuild)
        {
            run.Report("ERROR rebuilt refcount structure is still broken");
        }
        run.Result.CorruptionsFixed += Math.Max(0, before.Corruptions - run.Result.Corruptions);
        run.Result.LeaksFixed += Math.Max(0, before.Leaks - run.Result.Leaks);
    }

    private async ValueTask FinishAsync()
    {
        run.Result.ImageEndOffset = (run.HighestCluster + 1) << run.Layout.ClusterBits;
        if (!run.RepairsLeaks && !run.RepairsErrors)
        {
            return;
        }
        var status = await run.Storage.FlushAsync();
        if (status != IoStatus.Ok)
        {
            throw run.Fail($"ERROR: Could not flush the image: {status.Describe()}", status);
        }
        await FreedClusters.DiscardAsync(run);
    }

    private static (long Corruptions, long Leaks) Snapshot(ImageCheckResult result) => (result.Corruptions, result.Leaks);

    private void Restore((long Corruptions, long Leaks) counted) => (run.Result.Corruptions, run.Result.Leaks) = counted;
}
