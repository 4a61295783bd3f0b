using Tidemark.Core.Errors;
using Tidemark.Io.Simulated;
using Tidemark.Jobs;

namespace Tidemark.Simulation.Tests;

/// <summary>One stream or commit along a disk's chain: whatever becomes of it, the disk reads as its guests wrote it.</summary>
internal sealed class ChainRun(Life life, SimulatedDrive drive)
{
    private readonly string id = life.Round.NewName("chain");

    private Round Round => life.Round;

    /// <summary>Starts it; whether it was.</summary>
    public async Task<bool> BeginAsync()
    {
        if (Round.Chance(3))
        {
            InjectFault();
        }
        // They show what is below the image, too, and that is about to change.
        drive.Snapshots.Clear();
        var lower = drive.LowerPaths;
        var (command, ends) = Round.Random.Next(5) switch
        {
            // A backup of the top layer stands over what a commit changes.
            0 or 1 when lower.Count > 1 && !drive.HasTopBackups => ("block-commit", $",'top':'{lower[0]}'"),
            2 => ("block-stream", $",'base':'{lower[^1]}'"),
            _ => ("block-stream", ""),
        };
        var policy = Round.Pick("report", "ignore", "stop", "enospc", "auto");
        var byHand = Round.Chance(3) ? "false" : "true";
        var refused = await life.TryAsync(
            command,
            $"{{'job-id':'{id}','device':'{drive.Name}'{ends},'on-error':'{policy}','auto-finalize':{byHand},'speed':{Speed()}}}"
        );
        drive.HasJob = refused is null;
        return drive.HasJob;
    }

    /// <summary>Disturbs it until it is over.</summary>
    public async Task WatchAsync()
    {
        var ended = life.WaitEndAsync(id);
        await life.DisturbAsync(id, StepAsync);
        _ = await ended;
        await life.UntilAsync(() => life.Context.Jobs.Find(id) is null);
        drive.HasJob = false;
    }

    private int Speed() => Round.Chance(2) ? 0 : Round.Random.Next(1 << 22, 1 << 26);

    private void InjectFault()
    {
        var operations = Round.Pick(SimulatedOperation.Read, SimulatedOperation.Write, SimulatedOperation.Flush);
        var path = Round.Pick<string>([drive.Path, .. drive.LowerPaths]);
        var status = Round.Chance(2) ? IoStatus.NoSpace : IoStatus.IoError;
        var (number, times) = (Round.Random.Next(1, 60), Round.Random.Next(1, 4));
        Round.Note($"fault: {operations} {number} of {path}, {times} times {status}");
        Round.Machine.Faults.Fail(operations, number, status, path, times);
    }

    // Any of these may come too late: then it is refused, and that is all.
    private async Task StepAsync(JobStatus status, bool impatient)
    {
        if (status == JobStatus.Pending)
        {
            _ = await life.TryAsync(Round.Pick("job-finalize", "block-job-finalize"), $"{{'id':'{id}'}}");
        }
        else if (impatient)
        {
            _ = await life.TryAsync("block-job-set-speed", $"{{'device':'{id}','speed':0}}");
            _ = await life.TryAsync("block-job-resume", $"{{'device':'{id}'}}");
        }
        else
        {
            _ = Round.Random.Next(16) switch
            {
                0 => await life.TryAsync("block-job-pause", $"{{'device':'{id}'}}"),
                1 or 2 => await life.TryAsync("job-resume", $"{{'id':'{id}'}}"),
                3 => await life.TryAsync("block-job-set-speed", $"{{'device':'{id}','speed':{Speed()}}}"),
                4 when Round.Chance(3) => await life.TryAsync("job-cancel", $"{{'id':'{id}'}}"),
                5 => await life.TryAsync("block-stream", $"{{'job-id':'x','device':'{drive.Name}','base':'nowhere'}}"),
                _ => null,
            };
        }
    }
}
