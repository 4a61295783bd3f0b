namespace Tidemark.Bitmaps.Migration;

/// <summary>The byte that begins a record of the dirty-bitmap section: what the record is, and which of its parts follow.</summary>
[Flags]
internal enum BitmapRecordFlags
{
    None = 0,

    /// <summary>The last record of the section's part.</summary>
    EndOfSection = 0x01,

    /// <summary>Bits that are all clean: no data follows.</summary>
    Zeroes = 0x02,

    /// <summary>The bitmap's name follows; otherwise it is that of the record before.</summary>
    BitmapName = 0x04,

    /// <summary>The node's name follows; otherwise it is that of the record before.</summary>
    NodeName = 0x08,

    /// <summary>A bitmap is announced.</summary>
    Start = 0x10,

    /// <summary>A bitmap is complete.</summary>
    Complete = 0x20,

    /// <summary>Bits of a bitmap.</summary>
    Bits = 0x40,

    /// <summary>Further bytes of flags follow: none is in use.</summary>
    More = 0x80,
}
