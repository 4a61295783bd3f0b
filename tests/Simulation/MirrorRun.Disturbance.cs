using Tidemark.Jobs;

namespace Tidemark.Simulation.Tests;

/// <content>What users do to it while it runs, and how they end it.</content>
internal sealed partial class MirrorRun
{
    // Any of these may come too late: then it is refused, and that is all.
    private async Task StepAsync(JobStatus status, bool impatient)
    {
        if (status == JobStatus.Pending)
        {
            _ = await life.TryAsync(Round.Pick("job-finalize", "block-job-finalize"), $"{{'id':'{id}'}}");
        }
        else if (status == JobStatus.Ready && Round.Chance(3))
        {
            await EndAsync();
        }
        else if (impatient && ending == "hard")
        {
            await EndAsync();
        }
        else if (impatient && status is JobStatus.Running or JobStatus.Paused or JobStatus.Ready or JobStatus.Standby)
        {
            _ = await life.TryAsync("block-job-set-speed", $"{{'device':'{id}','speed':0}}");
            _ = await life.TryAsync("block-job-resume", $"{{'device':'{id}'}}");
        }
        else
        {
            _ = Round.Random.Next(12) switch
            {
                0 => await life.TryAsync("block-job-pause", $"{{'device':'{id}'}}"),
                1 or 2 => await life.TryAsync("job-resume", $"{{'id':'{id}'}}"),
                3 => await life.TryAsync("block-job-set-speed", $"{{'device':'{id}','speed':{Speed()}}}"),
                5 when kind != "commit" => await life.TryAsync(
                    "block-job-change",
                    $"{{'id':'{id}','type':'mirror','copy-mode':'write-blocking'}}"
                ),
                4 when ending == "hard" && Round.Chance(4) => await life.TryAsync("job-cancel", $"{{'id':'{id}'}}"),
                _ => null,
            };
        }
    }

    private async Task EndAsync()
    {
        switch (ending)
        {
            case "complete":
                var accepted = Round.Chance(2)
                    ? await life.TryAsync("job-complete", $"{{'id':'{id}'}}")
                    : await life.TryAsync("block-job-complete", $"{{'device':'{id}'}}");
                isCompleting |= accepted is null;
                break;
            case "soft":
                moment ??= drive.Shadow.OpenWindow();
                _ = await life.TryAsync("block-job-cancel", $"{{'device':'{id}'}}");
                break;
            default:
                _ = await life.TryAsync("block-job-cancel", $"{{'device':'{id}','force':true}}");
                break;
        }
    }
}
