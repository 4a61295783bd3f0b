namespace Tidemark.Block.Contract;

/// <summary>What the user of an edge does to the node below, and what it lets the node's other users do.</summary>
[Flags]
public enum BlockPermissions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Reads that must give what was written last, undisturbed by half-done changes.</summary>
    ConsistentRead = 1,

    /// <summary>Writes that change what is read.</summary>
    Write = 2,

    /// <summary>Writes of what is read already (copy on read, copying out before a write).</summary>
    WriteUnchanged = 4,

    /// <summary>Changes of the size.</summary>
    Resize = 8,

    /// <summary>All four.</summary>
    All = ConsistentRead | Write | WriteUnchanged | Resize,
}
