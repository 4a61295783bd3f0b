namespace Tidemark.Drivers.Qcow2.Bitmaps;

/// <summary>An entry of a bitmap table: one cluster of bitmap data (qcow2 spec, "Bitmap table").</summary>
/// <param name="Value">The 64 bits.</param>
internal readonly record struct BitmapTableEntry(ulong Value)
{
    private const ulong OffsetMask = 0x00ff_ffff_ffff_fe00;
    private const ulong Reserved = 0xff00_0000_0000_01fe;

    /// <summary>All of the cluster's bits are clear.</summary>
    public static readonly BitmapTableEntry Zeroes;

    /// <summary>All of the cluster's bits are set.</summary>
    public static readonly BitmapTableEntry Ones = new(1);

    /// <summary>Where the cluster lies in the file, bytes; 0 if it has none.</summary>
    public long Offset => (long)(Value & OffsetMask);

    /// <summary>Without a cluster: whether all bits are set.</summary>
    public bool IsOnes => Value == 1;

    /// <summary>The entry for data at <paramref name="offset"/>.</summary>
    public static BitmapTableEntry At(long offset) => new((ulong)offset);

    /// <summary>Whether the format allows it.</summary>
    public bool IsValid(int clusterBits) =>
        (Value & Reserved) == 0 && (Offset == 0 || ((Value & 1) == 0 && (Offset & ((1L << clusterBits) - 1)) == 0));
}
