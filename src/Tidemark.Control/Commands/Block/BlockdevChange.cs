using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>
/// x-blockdev-change: adds a child to a node or takes one away. Only a quorum has children that come and go, so every other node
/// refuses, in the reference's words.
/// </summary>
internal sealed partial class BlockdevChange(ControlContext context)
    : QmpCommand<BlockdevChange.Arguments>("x-blockdev-change", Arguments.Codec)
{
    /// <summary>What it takes: the parent, and the name of a child to remove or a node to add.</summary>
    [Schema]
    internal sealed partial record Arguments(string Parent, string? Child = null, string? Node = null);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Features => ["unstable"];

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var parent = context.Graph.Require(arguments.Parent);
        throw new QmpException(
            (arguments.Child, arguments.Node) switch
            {
                (not null, not null) => "The parameters child and node are in conflict",
                (null, null) => "Either child or node must be specified",
                ({ } child, _) when parent.FindChild(child) is null => $"Node '{parent.Name}' does not have child '{child}'",
                (not null, _) => $"The node {parent.Name} does not support removing a child",
                (_, { } node) when context.Graph.FindNode(node) is null => $"Node '{node}' not found",
                _ => $"The node {parent.Name} does not support adding a child",
            }
        );
    }
}
