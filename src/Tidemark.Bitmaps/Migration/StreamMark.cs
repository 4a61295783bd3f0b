namespace Tidemark.Bitmaps.Migration;

/// <summary>The byte that begins a part of a migration stream (migration documentation, "Stream structure").</summary>
internal static class StreamMark
{
    /// <summary>"QEVM", the first four bytes.</summary>
    public const uint Magic = 0x5145_564d;

    /// <summary>The version behind it, the only one in use.</summary>
    public const uint Version = 3;

    public const byte EndOfState = 0;
    public const byte SectionStart = 1;
    public const byte SectionPart = 2;
    public const byte SectionEnd = 3;
    public const byte SectionFull = 4;
    public const byte Subsection = 5;
    public const byte Description = 6;
    public const byte Configuration = 7;
    public const byte Command = 8;
    public const byte Footer = 0x7e;
}
