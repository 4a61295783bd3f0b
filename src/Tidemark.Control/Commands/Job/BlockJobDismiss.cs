using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Job;

/// <summary>block-job-dismiss: a concluded job goes away. It names the job by id, as the newer commands do.</summary>
internal sealed class BlockJobDismiss(ControlContext context) : QmpCommand<JobArguments>("block-job-dismiss", JobArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(JobArguments arguments)
    {
        context.RequireBlockJob(arguments.Id).Dismiss();
        return ValueTask.CompletedTask;
    }
}
