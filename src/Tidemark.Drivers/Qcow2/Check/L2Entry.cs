namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>An entry of an L2 table (qcow2 spec, "Cluster mapping"), or of an L1 table, which has the same fields.</summary>
/// <param name="Value">The first 64 bits.</param>
/// <param name="Subclusters">Extended entries: the bitmap of subclusters, allocated ones in the lower half, zero ones in the upper.</param>
internal readonly record struct L2Entry(ulong Value, ulong Subclusters)
{
    /// <summary>The refcount is exactly 1.</summary>
    public const ulong Copied = 1UL << 63;

    private const ulong CompressedFlag = 1UL << 62;
    private const ulong ZeroFlag = 1;
    private const ulong OffsetMask = 0x00ff_ffff_ffff_fe00;
    private const ulong L1Reserved = 0x7f00_0000_0000_01ff;
    private const ulong L2Reserved = 0x3f00_0000_0000_01fe;

    /// <summary>Host offset of a table or of a cluster that is not compressed, bytes; 0 is none.</summary>
    public long Offset => (long)(Value & OffsetMask);

    /// <summary>Whether it says that the refcount is exactly 1.</summary>
    public bool IsCopied => (Value & Copied) != 0;

    /// <summary>Whether the cluster is compressed.</summary>
    public bool IsCompressed => (Value & CompressedFlag) != 0;

    /// <summary>Whether all of the cluster reads as zeroes.</summary>
    public bool IsZero(bool extended) => !extended && !IsCompressed && (Value & ZeroFlag) != 0;

    /// <summary>Whether bits that an L1 entry must not have are set.</summary>
    public bool HasL1ReservedBits => (Value & L1Reserved) != 0;

    /// <summary>Whether bits that an L2 entry of a cluster that is not compressed must not have are set.</summary>
    public bool HasL2ReservedBits => (Value & L2Reserved) != 0;

    /// <summary>Extended entries: whether a subcluster is said to be allocated and zero at once.</summary>
    public bool HasOverlappingSubclusters => ((uint)Subclusters & (uint)(Subclusters >> 32)) != 0;

    /// <summary>The flag for a refcount of exactly 1 set or cleared.</summary>
    public L2Entry WithCopied(bool copied) => this with { Value = copied ? Value | Copied : Value & ~Copied };

    /// <summary>A compressed cluster's host range (qcow2 spec, "Compressed Clusters Descriptor"), whole sectors from the one that holds its first byte.</summary>
    public (long Offset, long Length, long FirstByte) CompressedRange(int clusterBits)
    {
        var offsetBits = 62 - (clusterBits - 8);
        var first = (long)(Value & ((1UL << offsetBits) - 1));
        var moreSectors = (long)((Value & ~(Copied | CompressedFlag)) >> offsetBits);
        var start = first & ~511L;
        return (start, (moreSectors + 1) * 512, first);
    }
}
