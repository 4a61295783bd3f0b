using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>
/// blockdev-set-active: hands images over to another process, or takes them over from it, without a migration of this one. Bitmaps
/// that are stored in an image go with it (contract M1).
/// </summary>
internal sealed partial class BlockdevSetActive(ControlContext context)
    : QmpCommand<BlockdevSetActive.Arguments>("blockdev-set-active", Arguments.Codec)
{
    /// <summary>What it takes: one node and what is below it, by default all nodes, and whether they are to be active.</summary>
    [Schema]
    internal sealed partial record Arguments(bool Active, string? NodeName = null);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var graph = context.Graph;
        if (arguments.NodeName is not { } name)
        {
            return arguments.Active ? graph.ActivateAllAsync() : graph.InactivateAllAsync(forMigration: false);
        }
        var node = graph.FindNode(name) ?? throw new QmpException($"Failed to find node with node-name='{name}'");
        return arguments.Active ? graph.ActivateAsync(node) : graph.InactivateAsync(node);
    }
}
