using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Block;

/// <summary>blockdev-del: lets go of a node made by blockdev-add.</summary>
internal sealed partial class BlockdevDel(ControlContext context)
    : QmpCommand<BlockdevDel.Arguments>("blockdev-del", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string NodeName);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) => context.Graph.RemoveMonitorNodeAsync(arguments.NodeName);
}
