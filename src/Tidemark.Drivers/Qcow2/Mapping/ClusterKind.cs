namespace Tidemark.Drivers.Qcow2.Mapping;

/// <summary>What an L2 entry says of its guest cluster.</summary>
internal enum ClusterKind
{
    /// <summary>Nothing: the backing file answers, or it reads as zeroes.</summary>
    Unallocated,

    /// <summary>Reads as zeroes, with no host cluster.</summary>
    ZeroPlain,

    /// <summary>Reads as zeroes, and keeps a host cluster whose content does not matter.</summary>
    ZeroAllocated,

    /// <summary>Lies in a host cluster as it is.</summary>
    Normal,

    /// <summary>Lies compressed in the image file.</summary>
    Compressed,

    /// <summary>The entry, or the one above it, is damaged.</summary>
    Invalid,
}
