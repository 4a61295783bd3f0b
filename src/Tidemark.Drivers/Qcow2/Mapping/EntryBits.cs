namespace Tidemark.Drivers.Qcow2.Mapping;

/// <summary>The bits of L1 and L2 entries. (qcow2 specification, "Cluster mapping".)</summary>
internal static class EntryBits
{
    /// <summary>Bit 63: the cluster's refcount is exactly one, so that it may be written in place.</summary>
    public const ulong Copied = 1UL << 63;

    /// <summary>Bit 62 of an L2 entry: the cluster is compressed.</summary>
    public const ulong Compressed = 1UL << 62;

    /// <summary>Bit 0 of an L2 entry of version 3: the cluster reads as zeroes.</summary>
    public const ulong Zero = 1;
}
