using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Job;

/// <summary>job-finalize: a pending job, and with it all of its transaction, takes its last step.</summary>
internal sealed class JobFinalize(ControlContext context) : QmpCommand<JobArguments>("job-finalize", JobArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(JobArguments arguments) => context.Jobs.Require(arguments.Id).FinalizeAsync();
}
