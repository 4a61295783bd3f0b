using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Graph;

// Backing chains as jobs and commands see them: images over images, with filters anywhere between.
public sealed partial class BlockGraph
{
    /// <summary>
    /// Keeps the edges from <paramref name="top"/> down to <paramref name="bottom"/> (null: to the end of the chain) as they are until
    /// <see cref="UnfreezeChain"/>: a job relies on them. Throws <see cref="BlockException"/>, with nothing changed, when one of
    /// them is frozen already.
    /// </summary>
    public static IReadOnlyList<BlockChild> FreezeChain(BlockNode top, BlockNode? bottom)
    {
        var frozen = ChainEdges(top, bottom);
        if (frozen.FirstOrDefault(static edge => edge.IsFrozen) is { } held)
        {
            throw new BlockException(
                BlockErrorKind.InUse,
                $"Cannot change '{held.Name}' link from '{held.Parent.ParentNode?.Name}' to '{held.Node.Name}'"
            );
        }
        foreach (var edge in frozen)
        {
            edge.IsFrozen = true;
        }
        return frozen;
    }

    /// <summary>Undoes a <see cref="FreezeChain"/>, of which it takes the result.</summary>
    public static void UnfreezeChain(IReadOnlyList<BlockChild> frozen)
    {
        foreach (var edge in frozen)
        {
            edge.IsFrozen = false;
        }
    }

    /// <summary>The edges from <paramref name="top"/> down to <paramref name="bottom"/>, null for the end of the chain.</summary>
    public static IReadOnlyList<BlockChild> ChainEdges(BlockNode top, BlockNode? bottom)
    {
        List<BlockChild> edges = [];
        for (var node = top; !ReferenceEquals(node, bottom) && ChainEdge(node) is { } edge; node = edge.Node)
        {
            edges.Add(edge);
        }
        return edges;
    }

    private static BlockChild? ChainEdge(BlockNode node) => node.FilteredChild ?? node.BackingChild;
}
