using System.Text;

namespace Tidemark.Drivers.Qcow2.Bitmaps;

/// <summary>One bitmap as the directory describes it (qcow2 spec, "Bitmap directory"). Dirty tracking bitmaps only: there are no others.</summary>
internal sealed class BitmapDirectoryEntry
{
    /// <summary>Bytes before the name.</summary>
    public const int HeaderBytes = 24;

    /// <summary>Flag: the stored bits may be out of date.</summary>
    public const uint InUseFlag = 1;

    /// <summary>Flag: the bitmap records.</summary>
    public const uint AutoFlag = 2;

    private readonly byte[] nameBytes;

    /// <summary>A bitmap of this name, in UTF-8 as in the file.</summary>
    public BitmapDirectoryEntry(ReadOnlySpan<byte> name)
    {
        nameBytes = name.ToArray();
        Name = Encoding.UTF8.GetString(nameBytes);
    }

    /// <summary>Its name. Bytes that are no UTF-8 are replaced here, and kept in the file.</summary>
    public string Name { get; }

    /// <summary>Its name as the file has it.</summary>
    public ReadOnlySpan<byte> NameBytes => nameBytes;

    /// <summary>Where its table begins, bytes.</summary>
    public long TableOffset { get; set; }

    /// <summary>Entries of its table.</summary>
    public uint TableEntries { get; set; }

    /// <summary>Length of its table, bytes.</summary>
    public long TableBytes => (long)TableEntries * sizeof(ulong);

    /// <summary>Flags, see the constants here.</summary>
    public uint Flags { get; set; }

    /// <summary>Bytes per bit, as a power of two.</summary>
    public int GranularityBits { get; init; }

    /// <summary>Whether the stored bits may be out of date.</summary>
    public bool IsInUse => (Flags & InUseFlag) != 0;

    /// <summary>Whether it records when loaded.</summary>
    public bool IsAuto => (Flags & AutoFlag) != 0;

    /// <summary>Bytes that the entry takes in the directory.</summary>
    public int Length => (HeaderBytes + nameBytes.Length + 7) & ~7;

    /// <summary>Bytes of data that a disk of <paramref name="sizeBytes"/> needs at this granularity.</summary>
    public static long DataBytesFor(long sizeBytes, int granularityBits)
    {
        var bits = (sizeBytes >> granularityBits) + ((sizeBytes & ((1L << granularityBits) - 1)) == 0 ? 0 : 1);
        return (bits >> 3) + ((bits & 7) == 0 ? 0 : 1);
    }
}
