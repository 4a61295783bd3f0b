using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Job;

/// <summary>block-job-set-speed: a limit in bytes per second, 0 for none.</summary>
internal sealed partial class BlockJobSetSpeed(ControlContext context)
    : QmpCommand<BlockJobSetSpeed.Arguments>("block-job-set-speed", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string Device, long Speed);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        context.RequireBlockJob(arguments.Device).SetSpeed(arguments.Speed);
        return ValueTask.CompletedTask;
    }
}
