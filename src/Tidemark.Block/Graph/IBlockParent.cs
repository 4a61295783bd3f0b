namespace Tidemark.Block.Graph;

/// <summary>Whoever holds an edge to a node: another node, or a backend (an export, a job, a device).</summary>
public interface IBlockParent
{
    /// <summary>Who this is, as permission conflicts name it: "node 'x'", "an unnamed block device", "backup job 'j'".</summary>
    string ParentDescription { get; }

    /// <summary>The parent node, null when the parent is a backend.</summary>
    BlockNode? ParentNode { get; }

    /// <summary>Starts nothing new below until <see cref="EndDrain"/>; nests.</summary>
    void BeginDrain();

    /// <summary>Whether requests that began before the drain are still under way.</summary>
    bool IsBusy { get; }

    /// <summary>Undoes one <see cref="BeginDrain"/>.</summary>
    void EndDrain();

    /// <summary>The child's size has changed.</summary>
    void OnChildResized(BlockChild child);
}
