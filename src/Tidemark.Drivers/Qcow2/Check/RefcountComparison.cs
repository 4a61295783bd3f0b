using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Refcounts;

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
        var chunks = new ReferencedChunks(run.References);
        var cluster = 0L;
        while (cluster < run.References.ClusterCount)
        {
            var index = run.Refcounts.BlockIndexOf(cluster);
            var (status, block) = await run.Refcounts.GetBlockAsync(index);
            if (status == IoStatus.Ok && !HoldsAny(block))
            {
                // Nothing is recorded here: only what is referred to matters, and the file may be sparse and huge.
                var next = block is null ? run.Refcounts.NextBlock(index) : index + 1;
                var limit = Math.Min(next * run.Refcounts.ClustersPerBlock, run.References.ClusterCount);
                var (start, end) = chunks.Next(cluster);
                (start, end) = (Math.Min(Math.Max(start, cluster), limit), Math.Min(end, limit));
                for (cluster = start; cluster < end; cluster++)
                {
                    await CompareClusterAsync(run, cluster, 0, repairLeaks, repairErrors);
                }
            }
            else
            {
                var end = Math.Min((index + 1) * run.Refcounts.ClustersPerBlock, run.References.ClusterCount);
                if (block is { } bytes)
                {
                    await CompareBlockAsync(run, bytes, cluster, end, repairLeaks, repairErrors);
                }
                else
                {
                    ReportUnreadable(run, cluster, end, status);
                }
                cluster = end;
            }
        }
        var flushed = await run.Refcounts.FlushAsync();
        if (flushed != IoStatus.Ok)
        {
            throw run.Fail($"ERROR: Could not write refcount blocks: {flushed.Describe()}", flushed);
        }
    }

    private static bool HoldsAny(ReadOnlyMemory<byte>? block) => block is { } bytes && bytes.Span.ContainsAnyExcept((byte)0);

    private static async ValueTask CompareBlockAsync(
        CheckRun run,
        ReadOnlyMemory<byte> block,
        long cluster,
        long end,
        bool repairLeaks,
        bool repairErrors
    )
    {
        for (; cluster < end; cluster++)
        {
            var entry = (int)(cluster & (run.Refcounts.ClustersPerBlock - 1));
            var recorded = RefcountCodec.Get(block.Span, run.Layout.RefcountOrder, entry);
            if (recorded != run.References[cluster])
            {
                await CompareClusterAsync(run, cluster, recorded, repairLeaks, repairErrors);
            }
            else if (recorded > 0)
            {
                run.HighestCluster = cluster;
            }
        }
    }

    private static void ReportUnreadable(CheckRun run, long cluster, long end, IoStatus status)
    {
        for (; cluster < end && run.Result.CheckErrors < CheckLimits.UnreadableLines; cluster++)
        {
            run.ReportFailure($"Can't get refcount for cluster {cluster}: {status.Describe()}");
        }
        run.Result.CheckErrors += end - cluster;
    }

    private static ValueTask CompareClusterAsync(CheckRun run, long cluster, ulong recorded, bool repairLeaks, bool repairErrors)
    {
        var counted = run.References[cluster];
        if (recorded == 0 && counted == 0)
        {
            return default;
        }
        run.HighestCluster = cluster;
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
