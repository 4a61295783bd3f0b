using Tidemark.Core.Units;

namespace Tidemark.Drivers.Qcow2.Mapping;

/// <summary>Host clusters that a write fills before the L2 table names them. Reused; see <see cref="AllocationTable"/>.</summary>
internal sealed class PendingAllocation
{
    /// <summary>The guest bytes of its clusters, whole clusters.</summary>
    public ByteRange Guest { get; set; }

    /// <summary>Where the clusters lie in the image file.</summary>
    public long HostOffset { get; set; }

    /// <summary>Whether they were allocated for this write; otherwise they were kept by zero clusters.</summary>
    public bool IsNew { get; set; }

    /// <summary>Index in the table.</summary>
    public int Position { get; set; }
}
