namespace Tidemark.Drivers.Qcow2.Bitmaps;

/// <summary>Bounds of stored bitmaps. Those that the format leaves open are the reference's, so that both refuse the same images.</summary>
internal static class StoredBitmapLimits
{
    /// <summary>Most bitmaps in an image.</summary>
    public const int Bitmaps = 65535;

    /// <summary>Longest directory, bytes.</summary>
    public const long DirectoryBytes = 1024L * Bitmaps;

    /// <summary>Longest name, bytes (qcow2 spec, "Bitmap directory": name_size).</summary>
    public const int NameBytes = 1023;

    /// <summary>Finest granularity as a power of two (qcow2 spec, "Bitmap directory": granularity_bits, note).</summary>
    public const int MinGranularityBits = 9;

    /// <summary>Coarsest granularity as a power of two (qcow2 spec, "Bitmap directory": granularity_bits, note).</summary>
    public const int MaxGranularityBits = 31;

    /// <summary>Longest bitmap table, entries.</summary>
    public const uint TableEntries = 0x800_0000;

    /// <summary>Most bytes of data that a bitmap may have.</summary>
    public const long DataBytes = 0x2000_0000;

    /// <summary>Most bytes of memory that the dirty parts of all bitmaps of an image may take when they are loaded.</summary>
    public const long LoadedBytes = 8L << 30;
}
