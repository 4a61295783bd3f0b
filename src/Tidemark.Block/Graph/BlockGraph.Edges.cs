using Tidemark.Block.Contract;

namespace Tidemark.Block.Graph;

public sealed partial class BlockGraph
{
    /// <summary>
    /// Begins an edit of the graph: a drained section of <paramref name="concerned"/> in which edges may be moved. All changes
    /// hold together or none does: see <see cref="GraphEdit"/>.
    /// </summary>
    public async ValueTask<GraphEdit> EditAsync(params BlockNode[] concerned) => new(this, await DrainAsync(concerned));

    internal BlockChild AttachWhileOpening(BlockNode parent, string name, ChildRole role, BlockNode child)
    {
        RequireActive(parent, name, child);
        var edge = Link(parent, name, role, child);
        try
        {
            UpdatePermissions([parent]);
        }
        catch
        {
            Unlink(edge);
            _ = child.DropReference();
            throw;
        }
        return edge;
    }

    /// <summary>Makes an edge; it holds a reference to <paramref name="child"/>. Permissions are still to be updated.</summary>
    internal static BlockChild Link(IBlockParent parent, string name, ChildRole role, BlockNode child)
    {
        var edge = new BlockChild(parent, name, role, child);
        parent.ParentNode?.AddChild(edge);
        Enter(edge, child);
        return edge;
    }

    /// <summary>Undoes an edge. Its reference is the caller's now.</summary>
    internal static void Unlink(BlockChild edge)
    {
        Leave(edge);
        edge.Parent.ParentNode?.RemoveChild(edge);
    }

    /// <summary>Lets an edge point to another node and takes its reference along; the caller keeps both nodes alive meanwhile.</summary>
    internal static void Redirect(BlockChild edge, BlockNode to)
    {
        var from = edge.Node;
        Leave(edge);
        edge.Node = to;
        Enter(edge, to);
        _ = from.DropReference();
    }

    private static void Enter(BlockChild edge, BlockNode child)
    {
        child.AddParent(edge);
        child.AddReference();
        for (var i = 0; i < child.DrainDepth; i++)
        {
            edge.Parent.BeginDrain();
        }
    }

    private static void Leave(BlockChild edge)
    {
        edge.Node.RemoveParent(edge);
        for (var i = 0; i < edge.Node.DrainDepth; i++)
        {
            edge.Parent.EndDrain();
        }
    }
}
