using Tidemark.Block.Contract;

namespace Tidemark.Block.Graph;

/// <summary>
/// While it is open, no request of any user reaches the nodes it was begun for, and none is under way: the moment for
/// transactions, edits and a backup's point in time. Ends with <see cref="Dispose"/>, on the loop.
/// </summary>
public sealed class DrainedSection : IDisposable
{
    private readonly BlockGraph graph;
    private readonly IReadOnlyCollection<BlockDriver> lifted;
    private List<BlockNode>? nodes;

    internal DrainedSection(BlockGraph graph, List<BlockNode> nodes, IReadOnlyCollection<BlockDriver> lifted)
    {
        this.graph = graph;
        this.nodes = nodes;
        this.lifted = lifted;
    }

    /// <summary>Lets requests in again.</summary>
    public void Dispose()
    {
        if (nodes is null)
        {
            return;
        }
        BlockGraph.Restore(lifted);
        foreach (var node in nodes)
        {
            node.EndDrain();
        }
        nodes = null;
        graph.DrainEnded();
    }
}
