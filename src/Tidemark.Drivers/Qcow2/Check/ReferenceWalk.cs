using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>
/// First half of a check: counts, from the header on, how often each cluster is referred to. What can't be right is reported on
/// the way.
/// </summary>
/// <param name="run">The check.</param>
/// <param name="mayRepair">Whether this walk mends what it can; a second walk of the same check does not.</param>
internal sealed partial class ReferenceWalk(CheckRun run, bool mayRepair)
{
    private readonly CheckLayout layout = run.Layout;
    private readonly ICheckStorage storage = run.Storage;

    private bool RepairsErrors => mayRepair && run.RepairsErrors;

    /// <summary>Counts all. Throws <see cref="BlockException"/> when it can't go on.</summary>
    public async ValueTask CountAsync()
    {
        run.MeasureFile();
        run.References.Clear();
        run.References.Extend(layout.ClustersFor(run.FileLength));
        run.NeedsRebuild = false;
        var result = run.Result;
        (result.AllocatedClusters, result.FragmentedClusters, result.CompressedClusters) = (0, 0, 0);

        run.AddReferences(0, layout.ClusterSize);
        await CountL1Async(layout.L1Offset, layout.L1Entries, isActive: true);
        await CountSnapshotsAsync();
        await CountBitmapsAsync();
        run.AddReferences(run.Refcounts.TableOffset, run.Refcounts.TableBytes);
        await CountRefcountBlocksAsync();
    }

    private async ValueTask CountSnapshotsAsync()
    {
        if (layout.HasDataFile && run.Snapshots.Count > 0)
        {
            run.ReportCorruption($"ERROR {run.Snapshots.Count} snapshots in image with data file");
        }
        foreach (var snapshot in run.Snapshots)
        {
            var who = $"ERROR snapshot {snapshot.Id} ({snapshot.Name})";
            if (!layout.IsAligned(snapshot.L1Offset))
            {
                run.ReportCorruption(
                    $"{who} l1_offset=0x{snapshot.L1Offset:x}: L1 table is not cluster aligned; snapshot table entry corrupted"
                );
            }
            else if (snapshot.L1Entries > CheckLimits.L1TableBytes / sizeof(ulong))
            {
                run.ReportCorruption(
                    $"{who} l1_size=0x{snapshot.L1Entries:x}: L1 table is too large; snapshot table entry corrupted"
                );
            }
            else
            {
                await CountL1Async(snapshot.L1Offset, (int)snapshot.L1Entries, isActive: false);
            }
        }
        run.AddReferences(layout.SnapshotsOffset, run.SnapshotTableBytes);
    }

    private async ValueTask CountRefcountBlocksAsync()
    {
        for (var i = 0; i < run.Refcounts.TableEntries; i++)
        {
            var entry = run.Refcounts.Entry(i);
            if (entry == 0)
            {
                continue;
            }
            var offset = run.Refcounts.BlockOffset(i);
            if ((entry & 0x1ff) != 0)
            {
                run.ReportCorruption($"ERROR refcount table entry {i} has reserved bits set");
                run.NeedsRebuild = true;
            }
            else if (!layout.IsAligned(offset))
            {
                run.ReportCorruption($"ERROR refcount block {i} is not cluster aligned; refcount table entry corrupted");
                run.NeedsRebuild = true;
            }
            else if (offset < 0 || layout.ClusterOf(offset) >= run.References.ClusterCount)
            {
                await TakeBlockBehindTheEndAsync(i, offset);
            }
            else
            {
                run.AddReferences(offset, layout.ClusterSize);
                var count = run.References[layout.ClusterOf(offset)];
                if (count != 1)
                {
                    run.ReportCorruption($"ERROR refcount block {i} refcount={count}");
                    run.NeedsRebuild = true;
                }
            }
        }
    }

    /// <summary>A refcount block where the file has ended already: lets the file grow over it, so that it is there, all zero.</summary>
    private async ValueTask TakeBlockBehindTheEndAsync(int index, long offset)
    {
        run.Report($"{(RepairsErrors ? "Repairing" : "ERROR")} refcount block {index} is outside image");
        if (!RepairsErrors)
        {
            run.Result.Corruptions++;
            return;
        }
        var status = offset is < 0 or >= CheckLimits.FileBytes
            ? IoStatus.FileTooBig
            : await storage.GrowAsync(offset + layout.ClusterSize);
        if (status != IoStatus.Ok)
        {
            run.Report($"ERROR could not resize image: {status.Describe()}");
            run.Result.Corruptions++;
            run.NeedsRebuild = true;
            return;
        }
        run.Result.CorruptionsFixed++;
        run.MeasureFile();
        run.References.Extend(layout.ClustersFor(run.FileLength));
        run.AddReferences(offset, layout.ClusterSize);
    }
}
