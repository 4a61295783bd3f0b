namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    private int background;
    private int quiesced;

    /// <summary>Whether the node is inside a drained section: nothing new comes from above, and its driver starts nothing of its own.</summary>
    public bool IsDrained => quiesced > 0;

    bool IBlockParent.IsBusy => background > 0 || parents.Exists(static p => p.Parent.IsBusy);

    /// <summary>Work of the driver's own, no request's, begins (a reconnect, a copy in the background): a drain waits for its end.</summary>
    public void BeginBackground() => background++;

    /// <summary>Work of the driver's own has ended.</summary>
    public void EndBackground()
    {
        background--;
        Graph.RequestEnded();
    }

    void IBlockParent.BeginDrain() => BeginDrain();

    void IBlockParent.EndDrain() => EndDrain();

    internal bool IsBusyBelow => background > 0 || parents.Exists(static p => p.Parent.IsBusy);

    internal void BeginDrain()
    {
        quiesced++;
        foreach (var edge in parents)
        {
            edge.Parent.BeginDrain();
        }
    }

    internal void EndDrain()
    {
        quiesced--;
        foreach (var edge in parents)
        {
            edge.Parent.EndDrain();
        }
    }

    /// <summary>How deep the node is drained; an edge attached meanwhile takes it over.</summary>
    internal int DrainDepth => quiesced;
}
