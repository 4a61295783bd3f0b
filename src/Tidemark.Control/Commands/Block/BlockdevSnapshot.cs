using Tidemark.Control.Transactions;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Block;

/// <summary>blockdev-snapshot: puts an overlay that is open already above a node (contract T2).</summary>
internal sealed partial class BlockdevSnapshot()
    : TransactionAction<BlockdevSnapshot.Arguments>("blockdev-snapshot", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    /// <param name="Node">The node that becomes the backing file: a device or a node.</param>
    /// <param name="Overlay">The node that is put above it; it must have no backing file.</param>
    [Schema(Name = "BlockdevSnapshot")]
    internal sealed partial record Arguments(string Node, string Overlay);

    /// <inheritdoc/>
    public override bool NeedsDrain => true;

    /// <inheritdoc/>
    protected override async ValueTask<TransactionStep> PrepareAsync(Arguments data, TransactionScope scope)
    {
        scope.RequireIndividual(Name);
        var graph = scope.Context.Graph;
        var node = await OverlayStep.RequireBaseAsync(graph, data.Node, data.Node);
        return await OverlayStep.PutAsync(graph, node, graph.Require(data.Overlay), ownsOverlay: false);
    }
}
