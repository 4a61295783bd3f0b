namespace Tidemark.Simulation.Tests;

/// <summary>
/// Gives commands over QMP: bitmaps, transactions, backups of every kind, streams and commits, some of which must be refused.
/// </summary>
internal sealed partial class Operator(Life life)
{
    private const int Query = 12;

    private readonly List<Task> jobs = [];

    private Round Round => life.Round;

    /// <summary>Some commands; then waits for its jobs, or leaves them to the end of the daemon.</summary>
    public async Task WorkAsync()
    {
        for (var steps = Round.Random.Next(3, 16); steps > 0; steps--)
        {
            await life.Engine.Loop.DelayAsync(
                TimeSpan.FromMicroseconds(Round.Random.Next(Round.Pick(10, 20_000))),
                CancellationToken.None
            );
            var drive = Round.Pick<SimulatedDrive>([.. Round.Drives]);
            if (life.HasLeft)
            {
                break;
            }
            if (isFlying && !MayAct(drive))
            {
                continue;
            }
            await StepAsync(drive);
            _ = jobs.RemoveAll(static job => job.IsCompletedSuccessfully);
        }
        if (!isFlying && Round.Chance(4))
        {
            // "quit" ends them; what is left of them is judged when the daemon is gone.
            life.LeaveJobsTo(Task.WhenAll(jobs));
            return;
        }
        await Task.WhenAll(jobs);
        if (!life.HasLeft)
        {
            Round.Drives.ForEach(CheckBitmaps);
        }
    }

    private async Task StepAsync(SimulatedDrive drive)
    {
        switch (
            drive.Mirror is { Moves: true } ? Query
            : isFlying ? Round.Random.Next(7, Query + 2)
            : Round.Random.Next(34)
        )
        {
            case >= 25 and < 30 when MayFly:
                jobs.Add(FlyAsync());
                break;
            case 20 or 21 when drive is { HasJob: false, Pasts: 0 }:
                await MirrorAsync(drive);
                break;
            case 30 or 31 when !isFlying && IsIdle(drive):
                await HandOverAsync(drive);
                break;
            case 32 or 33 when !isFlying && IsIdle(drive) && drive is { CanStore: true, LowerPaths.Count: < 4 }:
                await new OverlayRun(life, drive).RunAsync(() => MayFail);
                break;
            case 22 or 23 when drive.CanStore:
                await SnapshotAsync(drive);
                break;
            case < 7 when !drive.HasJob:
                await BackUpAsync(drive);
                break;
            case 7 or 8:
                await AddAsync(drive);
                break;
            case 9 when Pick(drive) is { } tracked:
                await ChangeAsync(drive, tracked);
                break;
            case 10 when Pick(drive) is { } tracked:
                await MergeAsync(drive, tracked);
                break;
            case 13 when drive is { HasJob: false, LowerPaths.Count: > 0 } && !isFlying:
                await RearrangeAsync(drive);
                break;
            case 11 when Pick(drive) is { } tracked:
                await FailAsync(drive, tracked);
                break;
            case 14 or 19 when drive is { HasJob: false, LowerPaths.Count: 0 }:
                await FleeceAsync(drive);
                break;
            case 15 when drive is { HasJob: false, LowerPaths.Count: 0 }:
                await GrowAsync(drive);
                break;
            case 16 or 17 when drive is { LowerPaths.Count: 0, IsImplicit: false }:
                await ReopenAsync(drive);
                break;
            case 18 when Pick(drive) is { IsTrusted: true, IsInJob: false } tracked:
                await LookThroughExportAsync(drive, tracked);
                break;
            case Query:
                await AskAsync();
                break;
            default:
                CheckBitmaps(drive);
                break;
        }
    }

    private Task AskAsync() =>
        life.MustAsync(
            Round.Pick(
                "query-block",
                "query-named-block-nodes",
                "query-jobs",
                "query-block-jobs",
                "query-block-exports",
                "query-blockstats",
                "x-tidemark-query-fleecing"
            ),
            "{}"
        );

    private async Task RearrangeAsync(SimulatedDrive drive)
    {
        var run = new ChainRun(life, drive);
        if (await run.BeginAsync())
        {
            life.Jobs++;
            jobs.Add(run.WatchAsync());
        }
    }

    private async Task MirrorAsync(SimulatedDrive drive)
    {
        var run = new MirrorRun(life, drive);
        if (await run.BeginAsync())
        {
            life.Jobs++;
            jobs.Add(run.WatchAsync());
        }
    }

    // One that its job has given back but that is not judged yet is nobody's: the model does not know it.
    private TrackedBitmap? Pick(SimulatedDrive drive)
    {
        var known = drive.Bitmaps.FindAll(b => !b.IsInJob || IsBusy(drive, b));
        return known.Count > 0 ? known[Round.Random.Next(known.Count)] : null;
    }

    private void CheckBitmaps(SimulatedDrive drive)
    {
        var node = life.Graph.Require(drive.Name);
        foreach (var tracked in drive.Bitmaps)
        {
            var bitmap = node.Bitmaps.Find(tracked.Name);
            Must.Hold(bitmap is not null, $"bitmap '{tracked.Name}' is there");
            if (tracked is { IsTrusted: true, IsInJob: false } && !bitmap.IsBusy)
            {
                drive.Shadow.MustBeMarked(tracked.Anchor, bitmap, "a look");
            }
        }
    }
}
