using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Snapshots;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>
/// Reads the snapshot table for a check, and says what is wrong with it (qcow2 spec, "Snapshots"). What a repair drops or completes
/// is done here in memory; the driver writes the table anew when the refcounts are right again.
/// </summary>
internal static class SnapshotTable
{
    private const string Advice = "You can force-remove this extra metadata with qemu-img check -r all";

    /// <summary>Fills in the run's snapshots. Throws <see cref="BlockException"/> when the table can't be walked.</summary>
    public static async ValueTask ReadAsync(CheckRun run)
    {
        var layout = run.Layout;
        if (layout.SnapshotCount == 0)
        {
            return;
        }
        var count = LimitCount(run);
        if (!layout.IsAligned(layout.SnapshotsOffset))
        {
            throw Refuse(IoStatus.InvalidArgument, "ERROR snapshot table offset invalid");
        }
        var entries = new List<Qcow2Snapshot>();
        var reader = new SnapshotReader(run.Storage.ReadAsync, layout.SnapshotsOffset);
        for (var i = 0; i < count; i++)
        {
            var (status, entry) = await reader.NextAsync();
            if (entry is null)
            {
                throw Refuse(status, $"ERROR failed to read the snapshot table: {status.Describe()}");
            }
            if (entry.StoredExtraBytes > CheckLimits.SnapshotExtraBytes)
            {
                DropExtra(run, i, entry);
            }
            if (reader.KeptLength > CheckLimits.SnapshotTableBytes)
            {
                DropRest(run, layout.SnapshotCount - i);
                break;
            }
            entries.Add(entry);
            run.SnapshotTableBytes = reader.Length;
        }
        run.Snapshots = entries;
        ReportIncomplete(run);
    }

    private static int LimitCount(CheckRun run)
    {
        var overhanging = run.Layout.SnapshotCount - CheckLimits.Snapshots;
        if (overhanging <= 0)
        {
            return run.Layout.SnapshotCount;
        }
        if (!run.RepairsErrors)
        {
            throw Refuse(
                IoStatus.FileTooBig,
                "ERROR snapshot table too large",
                $"You can force-remove all {overhanging} overhanging snapshots with qemu-img check -r all"
            );
        }
        run.Report($"Discarding {overhanging} overhanging snapshots");
        run.SnapshotCorruptions += overhanging;
        return CheckLimits.Snapshots;
    }

    private static void DropExtra(CheckRun run, int index, Qcow2Snapshot entry)
    {
        if (!run.RepairsErrors)
        {
            throw Refuse(
                IoStatus.FileTooBig,
                $"ERROR failed to read the snapshot table: Too much extra metadata in snapshot table entry {index}",
                Advice
            );
        }
        run.Report(
            $"Discarding too much extra metadata in snapshot table entry {index} ({entry.StoredExtraBytes} > {CheckLimits.SnapshotExtraBytes})"
        );
        run.SnapshotCorruptions++;
    }

    private static void DropRest(CheckRun run, int count)
    {
        if (!run.RepairsErrors)
        {
            throw Refuse(
                IoStatus.FileTooBig,
                "ERROR failed to read the snapshot table: Snapshot table is too big",
                $"You can force-remove all {count} overhanging snapshots with qemu-img check -r all"
            );
        }
        run.Report($"Discarding {count} overhanging snapshots (snapshot table is too big)");
        run.SnapshotCorruptions += count;
    }

    private static void ReportIncomplete(CheckRun run)
    {
        for (var i = 0; run.Layout.Version >= 3 && i < run.Snapshots.Count; i++)
        {
            if (run.Snapshots[i].StoredExtraBytes < Qcow2Snapshot.CompleteExtraBytes)
            {
                run.Report($"{(run.RepairsErrors ? "Repairing" : "ERROR")} snapshot table entry {i} is incomplete");
                run.SnapshotCorruptions++;
            }
        }
    }

    private static BlockException Refuse(IoStatus status, string line, string? advice = null) =>
        new(status, "Check failed") { Hint = advice is null ? line : $"{line}\n{advice}" };
}
