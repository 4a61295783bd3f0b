using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>What the commands for internal snapshots ask of a device.</summary>
internal static class InternalSnapshots
{
    /// <summary>The device's node, which nobody keeps from this; throws in the reference's words.</summary>
    public static BlockNode Require(BlockGraph graph, string device, BlockOperation operation)
    {
        var node = graph.Require(device, device);
        node.RequireRoot();
        node.RequireUnblocked(operation);
        return node;
    }
}
