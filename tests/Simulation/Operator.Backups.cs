namespace Tidemark.Simulation.Tests;

/// <content>Starting backups of all kinds.</content>
internal sealed partial class Operator
{
    private async Task BackUpAsync(SimulatedDrive drive)
    {
        var other = Round.Drives.Find(d => d != drive && !d.HasJob);
        if (other is not null && Round.Chance(2))
        {
            // Two disks at one moment; grouped, both succeed or neither does (contract T3, J5).
            var grouped = Round.Chance(2);
            await StartAsync(Plan(drive, plain: grouped), Plan(other, plain: grouped), grouped);
            return;
        }
        await StartAsync(Plan(drive, plain: false), null, grouped: false);
    }

    private BackupPlan Plan(SimulatedDrive drive, bool plain)
    {
        var usable = drive.Bitmaps.FindAll(static b => b is { IsInconsistent: false, IsInJob: false });
        var based = usable.FindAll(static b => b is { IsTrusted: true, Tip: not null });
        var onSuccess = Round.Chance(2) ? "on-success" : "always";
        switch (Round.Random.Next(12))
        {
            case < 4 when based.Count > 0:
                return new(drive, "incremental", Round.Pick<TrackedBitmap>([.. based]), Round.Chance(2) ? null : "on-success");
            case 4 or 5 when based.Count > 0:
                return new(drive, "bitmap", Round.Pick<TrackedBitmap>([.. based]), Round.Pick("on-success", "always", "never"));
            case 6 when !plain:
                return new(drive, "none", null, null);
            case 7 when !drive.HasSpoiltBase:
                drive.HasTopBackups = true;
                return new(drive, "top", usable.Count > 0 ? usable[0] : null, usable.Count > 0 ? onSuccess : null);
            case 8 or 9 when !plain && usable.Count > 0:
                return new(drive, "full", Round.Pick<TrackedBitmap>([.. usable]), null) { Before = "clear" };
            case 10 when !plain:
                return new(drive, "full", null, null) { Before = "add" };
            default:
                var bitmap = usable.Count > 0 ? Round.Pick<TrackedBitmap>([.. usable]) : null;
                return new(drive, "full", bitmap, bitmap is null ? null : onSuccess);
        }
    }

    private async Task StartAsync(BackupPlan first, BackupPlan? second, bool grouped)
    {
        BackupRun[] runs = [.. new[] { first, second }.OfType<BackupPlan>().Select(plan => new BackupRun(life, plan))];
        foreach (var run in runs)
        {
            run.Plan.Drive.HasJob = true;
            await run.PrepareAsync();
        }
        if (Round.Chance(3))
        {
            InjectFault(runs[0]);
        }
        var actions = runs.SelectMany(static run => run.Actions).ToList();
        // A snapshot of the same moment, in the image itself.
        var kept =
            !grouped && first.Drive is { CanStore: true, HasSpoiltBase: false } && Round.Chance(6) ? Round.NewName("kept") : null;
        if (kept is not null)
        {
            // Behind a job's start the disk has its filter above it.
            actions.Insert(0, ("blockdev-snapshot-internal-sync", $"{{'device':'{first.Drive.Name}','name':'{kept}'}}"));
            first.Drive.IsTakingSnapshot = true;
        }
        var refused =
            actions is [var only] && Round.Chance(2)
                ? await life.TryAsync(only.Type, only.Data)
                : await life.TryAsync(
                    "transaction",
                    $"{{'actions':[{string.Join(',', actions.Select(static a => $"{{'type':'{a.Type}','data':{a.Data}}}"))}]"
                        + (grouped ? ",'properties':{'completion-mode':'grouped'}}" : "}")
                );
        if (kept is not null)
        {
            first.Drive.IsTakingSnapshot = refused is not null;
            first.Drive.MayHaveOldFlags &= refused is not null;
            if (refused is null)
            {
                first.Drive.Snapshots.Add(new(kept, runs[0].Moment));
            }
        }
        // The injected fault may come as early as this; else there is no reason.
        // Not every image can have snapshots, nor one below a filter.
        Must.Hold(refused is null || MayFail || kept is not null, $"a backup is started: {refused}");
        foreach (var run in runs)
        {
            if (refused is not null)
            {
                await run.ForgetAsync();
            }
            else
            {
                life.Jobs++;
                run.Begin();
                jobs.Add(run.WatchAsync(partner: grouped ? runs.First(r => r != run || runs.Length == 1) : null));
            }
        }
    }

    private void InjectFault(BackupRun run)
    {
        var operations = Round.Pick(
            Io.Simulated.SimulatedOperation.Read,
            Io.Simulated.SimulatedOperation.Write,
            Io.Simulated.SimulatedOperation.Flush,
            Io.Simulated.SimulatedOperation.Changes
        );
        var path = Round.Chance(3) ? run.Plan.Drive.Path : run.TargetPath;
        var status = Round.Chance(2) ? Core.Errors.IoStatus.NoSpace : Core.Errors.IoStatus.IoError;
        var (number, times) = (Round.Random.Next(1, Round.Pick(10, 100)), Round.Random.Next(1, 4));
        Round.Note($"fault: {operations} {number} of {path}, {times} times {status}");
        Round.Machine.Faults.Fail(operations, number, status, path, times);
    }
}
