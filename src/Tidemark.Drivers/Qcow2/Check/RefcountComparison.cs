using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>Second half of a check: compares what the image records with what was counted, cluster by cluster.</summary>
internal static class RefcountComparison
{
    /// <summary>
    /// Compares, and mends what <paramref name="repairLeaks"/> and <paramref name="repairErrors"/> allow; sets the run's highest
    /// cluster. Throws <see cref="BlockException"/> when what was mended can't be written.
    /// </summary>
    public static async ValueTask CompareAsync(CheckRun run, bool repairLeaks, bool repairErrors)
    {
        run.HighestCluster = -1;
        var cluster = 0L;
        while (cluster < run.References.ClusterCount)
        {
            var index = run.Refcounts.BlockIndexOf(cluster);
            var end = Math.Min((index + 1) * run.Refcounts.ClustersPerBlock, run.References.ClusterCount);
            if (run.Refcounts.BlockOffset(index) == 0)
            {
                // Nothing is recorded here: only what is referred to matters, and the file may be sparse and huge.
                cluster = await CompareUnrecordedAsync(run, cluster, end);
                continue;
            }
            for (; cluster < end; cluster++)
            {
                var (status, recorded) = await run.Refcounts.GetAsync(cluster);
                if (status != IoStatus.Ok)
                {
                    run.ReportFailure($"Can't get refcount for cluster {cluster}: {status.Describe()}");
                    continue;
                }
                await CompareClusterAsync(run, cluster, recorded, repairLeaks, repairErrors);
            }
        }
        var flushed = await run.Refcounts.FlushAsync();
        if (flushed != IoStatus.Ok)
        {
            throw run.Fail($"ERROR: Could not write refcount blocks: {flushed.Describe()}", flushed);
        }
    }

    private static async ValueTask<long> CompareUnrecordedAsync(CheckRun run, long cluster, long end)
    {
        if (cluster >> 8 << 8 == cluster)
        {
            var limit = run.Refcounts.BlockIndexOf(cluster) >= run.Refcounts.TableEntries ? run.References.ClusterCount : end;
            var next = run.References.SkipUnreferenced(cluster, limit);
            if (next > cluster)
            {
                return next;
            }
        }
        await CompareClusterAsync(run, cluster, 0, false, false);
        return cluster + 1;
    }

    private static ValueTask CompareClusterAsync(CheckRun run, long cluster, ulong recorded, bool repairLeaks, bool repairErrors)
    {
        var counted = run.References[cluster];
        if (recorded > 0 || counted > 0)
        {
            run.HighestCluster = cluster;
        }
        return recorded == counted ? default : MendAsync(run, cluster, recorded, counted, repairLeaks, repairErrors);
    }

    private static async ValueTask MendAsync(
        CheckRun run,
        long cluster,
        ulong recorded,
        ulong counted,
        bool repairLeaks,
        bool repairErrors
    )
    {
        var isLeak = recorded > counted;
        // Where nothing is recorded at all, a block may be missing, and to make one is no business of this step.
        var needsRebuild = recorded == 0;
        var repairs = !needsRebuild && (isLeak ? repairLeaks : repairErrors);
        run.NeedsRebuild |= needsRebuild;
        var what =
            repairs ? "Repairing"
            : isLeak ? "Leaked"
            : "ERROR";
        run.Report($"{what} cluster {cluster} refcount={recorded} reference={counted}");
        if (repairs && await run.Refcounts.SetAsync(cluster, counted) == IoStatus.Ok)
        {
            if (isLeak)
            {
                run.Result.LeaksFixed++;
                if (counted == 0)
                {
                    run.Freed.Add(cluster);
                }
            }
            else
            {
                run.Result.CorruptionsFixed++;
            }
        }
        else if (isLeak)
        {
            run.Result.Leaks++;
        }
        else
        {
            run.Result.Corruptions++;
        }
    }
}
