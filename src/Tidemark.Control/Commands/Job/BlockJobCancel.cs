using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Job;

/// <summary>block-job-cancel: a job gives up. One that a user paused must be forced to.</summary>
internal sealed partial class BlockJobCancel(ControlContext context)
    : QmpCommand<BlockJobCancel.Arguments>("block-job-cancel", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string Device, bool? Force = null);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var job = context.RequireBlockJob(arguments.Device);
        job.CancelBlockJob(arguments.Force == true);
        return job.ComeToRestAsync();
    }
}
