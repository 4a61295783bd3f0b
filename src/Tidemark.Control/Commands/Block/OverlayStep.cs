using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Control.Transactions;
using Tidemark.Core.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>
/// An external snapshot under way: an overlay that was put above a node, so that the node keeps what it holds. The node turns
/// read-only in the end, and its persistent bitmaps are stored with it.
/// </summary>
internal sealed class OverlayStep : TransactionStep
{
    private readonly BlockGraph graph;
    private readonly BlockNode node;
    private readonly AppendedOverlay appended;
    private readonly bool ownsOverlay;
    private readonly bool wasActive;

    private OverlayStep(BlockGraph graph, BlockNode node, AppendedOverlay appended, bool ownsOverlay, bool wasActive)
    {
        (this.graph, this.node, this.appended) = (graph, node, appended);
        (this.ownsOverlay, this.wasActive) = (ownsOverlay, wasActive);
    }

    /// <summary>The node to be put below an overlay, with all that was written to it durable. Throws when it can't be.</summary>
    public static async ValueTask<BlockNode> RequireBaseAsync(BlockGraph graph, string? device, string? nodeName)
    {
        var found = graph.Require(device ?? "", nodeName ?? "");
        found.RequireUnblocked(BlockOperation.ExternalSnapshot);
        return found.IsReadOnly || await found.FlushAsync() == IoStatus.Ok
            ? found
            : throw new BlockException(BlockErrorKind.Io, "An IO error has occurred");
    }

    /// <summary>
    /// Puts <paramref name="overlay"/> above <paramref name="node"/>. Throws <see cref="BlockException"/> with nothing changed.
    /// <paramref name="ownsOverlay"/>: the caller's reference to the overlay goes over to the step, which gives it back in the end.
    /// </summary>
    public static async ValueTask<TransactionStep> PutAsync(BlockGraph graph, BlockNode node, BlockNode overlay, bool ownsOverlay)
    {
        // Who only writes to it, as a mirror does, may go on: what he writes shows above the node.
        if (overlay.Parents.Any(static edge => (edge.Required & BlockPermissions.ConsistentRead) != 0))
        {
            throw Refused("The overlay is already in use");
        }
        if (overlay.BackingChild is not null)
        {
            throw Refused("The overlay already has a backing image");
        }
        if (!overlay.Definition.SupportsBacking)
        {
            throw Refused("The overlay does not support backing images");
        }
        // The disk goes over to whoever has it as a whole.
        var inactivates = node.IsInactive && !overlay.IsInactive;
        if (inactivates)
        {
            await graph.InactivateAsync(overlay);
        }
        try
        {
            await using var edit = await graph.EditAsync(node, overlay);
            var placed = edit.Append(overlay, node);
            edit.Commit();
            return new OverlayStep(graph, node, placed, ownsOverlay, inactivates);
        }
        catch (BlockException) when (inactivates)
        {
            await graph.ActivateAsync(overlay);
            throw;
        }
    }

    public override async ValueTask CommitAsync()
    {
        try
        {
            await graph.SetReadOnlyAsync(node, readOnly: true);
        }
        catch (BlockException)
        {
            // Nobody writes to it any more; that it can't be opened read-only takes nothing away from the snapshot.
        }
    }

    public override async ValueTask AbortAsync()
    {
        await using (var edit = await graph.EditAsync(node, appended.Overlay))
        {
            edit.Remove(appended);
            edit.Commit();
        }
        if (wasActive)
        {
            await graph.ActivateAsync(appended.Overlay);
        }
    }

    public override ValueTask CleanAsync() => ownsOverlay ? graph.ReleaseAsync(appended.Overlay) : ValueTask.CompletedTask;

    private static BlockException Refused(string message) => new(BlockErrorKind.InvalidOptions, message);
}
