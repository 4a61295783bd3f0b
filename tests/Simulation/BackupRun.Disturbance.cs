using Tidemark.Jobs;

namespace Tidemark.Simulation.Tests;

/// <content>What users do to a job while it runs.</content>
internal sealed partial class BackupRun
{
    private Task DisturbAsync()
    {
        var mayCancel = Plan.Sync == "none" || Round.Chance(6);
        return life.DisturbAsync(id, (status, impatient) => StepAsync(status, mayCancel, impatient));
    }

    // Any of these may come too late: then it is refused, and that is all.
    private async Task StepAsync(JobStatus status, bool mayCancel, bool impatient)
    {
        if (status == JobStatus.Pending)
        {
            _ = await life.TryAsync(Round.Pick("job-finalize", "block-job-finalize"), $"{{'id':'{id}'}}");
        }
        else if (impatient && Plan.Sync == "none")
        {
            _ = await life.TryAsync("job-cancel", $"{{'id':'{id}'}}");
        }
        else if (impatient)
        {
            _ = await life.TryAsync("block-job-set-speed", $"{{'device':'{id}','speed':0}}");
            _ = await life.TryAsync("block-job-resume", $"{{'device':'{id}'}}");
        }
        else
        {
            var chosen = Round.Random.Next(12);
            _ = chosen switch
            {
                0 => await life.TryAsync("block-job-pause", $"{{'device':'{id}'}}"),
                1 or 2 => await life.TryAsync("job-resume", $"{{'id':'{id}'}}"),
                3 => await life.TryAsync("block-job-set-speed", $"{{'device':'{id}','speed':{Round.Random.Next(1 << 26)}}}"),
                4 when mayCancel => await life.TryAsync(
                    "block-job-cancel",
                    $"{{'device':'{id}','force':{(Round.Chance(2) ? "true" : "false")}}}"
                ),
                5 when mayCancel => await life.TryAsync("job-cancel", $"{{'id':'{id}'}}"),
                _ => null,
            };
        }
    }
}
