using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>block-set-write-threshold: one event, BLOCK_WRITE_THRESHOLD, when a write ends beyond an offset of a node.</summary>
internal sealed partial class BlockSetWriteThreshold(ControlContext context)
    : QmpCommand<BlockSetWriteThreshold.Arguments>("block-set-write-threshold", Arguments.Codec)
{
    /// <summary>What it takes: the node, and the offset in bytes; 0 for none.</summary>
    [Schema]
    internal sealed partial record Arguments(string NodeName, ulong WriteThreshold);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var node =
            context.Graph.FindNode(arguments.NodeName) ?? throw new QmpException($"Device '{arguments.NodeName}' not found");
        node.WriteThreshold = arguments.WriteThreshold;
        return ValueTask.CompletedTask;
    }
}
