using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Job;

/// <summary>job-pause and the like: one of a job's verbs, which say themselves when they may be asked for.</summary>
internal sealed class JobCommand(string name, ControlContext context, Action<Jobs.Job> verb, bool toRest = false)
    : QmpCommand<JobArguments>(name, JobArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(JobArguments arguments)
    {
        var job = context.Jobs.Require(arguments.Id);
        verb(job);
        return toRest ? job.ComeToRestAsync() : ValueTask.CompletedTask;
    }
}
