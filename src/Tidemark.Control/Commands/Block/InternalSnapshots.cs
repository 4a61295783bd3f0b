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

    /// <summary>Who keeps the snapshots of a node: its driver, or that of the one child that has all of its data; null if nobody does.</summary>
    public static ISnapshotDriver? FindDriver(BlockNode node)
    {
        const ChildRole Storage = ChildRole.Data | ChildRole.Metadata | ChildRole.Filtered;
        var at = node;
        while (at.Driver is not ISnapshotDriver)
        {
            if (at.PrimaryChild is not { } below || at.Children.Any(edge => edge != below && (edge.Role & Storage) != 0))
            {
                return null;
            }
            at = below.Node;
        }
        return (ISnapshotDriver)at.Driver;
    }
}
