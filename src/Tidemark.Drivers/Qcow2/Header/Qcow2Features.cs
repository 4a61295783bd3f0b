namespace Tidemark.Drivers.Qcow2.Header;

/// <summary>The feature bits of a version 3 header that have a meaning. (qcow2 specification, "Header", bytes 72 to 95.)</summary>
internal static class Qcow2Features
{
    /// <summary>Incompatible: refcounts may be wrong, the image was not closed cleanly.</summary>
    public const ulong Dirty = 1 << 0;

    /// <summary>Incompatible: metadata is known to be damaged; reading only.</summary>
    public const ulong Corrupt = 1 << 1;

    /// <summary>Incompatible: guest data lies in another file.</summary>
    public const ulong ExternalData = 1 << 2;

    /// <summary>Incompatible: the header names a compression other than zlib.</summary>
    public const ulong CompressionType = 1 << 3;

    /// <summary>Incompatible: L2 entries of 16 bytes, with subclusters.</summary>
    public const ulong ExtendedL2 = 1 << 4;

    /// <summary>All incompatible bits that have a meaning.</summary>
    public const ulong KnownIncompatible = Dirty | Corrupt | ExternalData | CompressionType | ExtendedL2;

    /// <summary>Compatible: refcounts may be kept up lazily, under the dirty bit.</summary>
    public const ulong LazyRefcounts = 1 << 0;

    /// <summary>Autoclear: the bitmaps extension can be trusted.</summary>
    public const ulong Bitmaps = 1 << 0;

    /// <summary>Autoclear: the external data file reads as a raw image.</summary>
    public const ulong RawExternalData = 1 << 1;

    /// <summary>All autoclear bits that have a meaning; others are cleared by whoever opens for writing.</summary>
    public const ulong KnownAutoclear = Bitmaps | RawExternalData;

    /// <summary>The feature name table that is written into version 3 images: type (0 incompatible, 1 compatible, 2 autoclear), bit, name.</summary>
    public static readonly IReadOnlyList<(byte Type, byte Bit, string Name)> Names =
    [
        (0, 0, "dirty bit"),
        (0, 1, "corrupt bit"),
        (0, 2, "external data file"),
        (0, 3, "compression type"),
        (0, 4, "extended L2 entries"),
        (1, 0, "lazy refcounts"),
        (2, 0, "bitmaps"),
        (2, 1, "raw external data"),
    ];
}
