using Tidemark.Core.Memory;

namespace Tidemark.Drivers.Qcow2.Refcounts;

/// <summary>A refcount block in memory.</summary>
internal sealed class RefcountBlock(long tableIndex, long hostOffset, AlignedBuffer buffer)
{
    /// <summary>Index of its entry in the refcount table.</summary>
    public long TableIndex { get; } = tableIndex;

    /// <summary>Where it lies in the image file, bytes.</summary>
    public long HostOffset { get; } = hostOffset;

    /// <summary>Its content, one cluster, as on disk.</summary>
    public AlignedBuffer Buffer { get; } = buffer;

    /// <summary>Whether it is not in the file yet.</summary>
    public bool IsNew { get; set; }

    /// <summary>Whether the content is newer than the file's.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Whether it was used since eviction last passed it.</summary>
    public bool WasUsed { get; set; }
}
