using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Fleecing;

/// <summary>x-tidemark-fleecing-stop: the past is kept no longer; filter, reader and scratch file go.</summary>
internal sealed partial class FleecingStop(ControlContext context)
    : QmpCommand<FleecingStop.Arguments>("x-tidemark-fleecing-stop", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string AccessNodeName);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) => context.Fleecing.StopAsync(arguments.AccessNodeName);
}
