using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Job;

/// <summary>block-job-finalize: as job-finalize, for block jobs.</summary>
internal sealed class BlockJobFinalize(ControlContext context)
    : QmpCommand<JobArguments>("block-job-finalize", JobArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(JobArguments arguments) => context.RequireBlockJob(arguments.Id).FinalizeAsync();
}
