using Tidemark.Jobs;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Job;

/// <summary>block-job-pause and the like: the older names of a job's verbs.</summary>
internal sealed class BlockJobVerb(string name, ControlContext context, Action<BlockJob> verb, bool toRest = false)
    : QmpCommand<BlockJobArguments>(name, BlockJobArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(BlockJobArguments arguments)
    {
        var job = context.RequireBlockJob(arguments.Device);
        verb(job);
        return toRest ? job.ComeToRestAsync() : ValueTask.CompletedTask;
    }
}
