namespace Tidemark.Cli.Img;

/// <summary>A run of an image as map shows it; offsets and lengths in bytes.</summary>
internal sealed record MapEntry
{
    /// <summary>Where it begins in the image.</summary>
    public long Start { get; init; }

    /// <summary>How long it is.</summary>
    public long Length { get; init; }

    /// <summary>Whether data lies behind it.</summary>
    public bool IsData { get; init; }

    /// <summary>Whether it reads as zeroes.</summary>
    public bool IsZero { get; init; }

    /// <summary>Whether some layer has it.</summary>
    public bool IsPresent { get; init; }

    /// <summary>Which layer, 0 for the top.</summary>
    public int Depth { get; init; }

    /// <summary>Where it lies in <see cref="Filename"/>, if that can be said.</summary>
    public long? Offset { get; init; }

    /// <summary>The file it lies in.</summary>
    public string? Filename { get; init; }

    /// <summary>Whether <paramref name="next"/> goes on as this one ends.</summary>
    public bool Joins(MapEntry next) =>
        Length > 0
        && IsData == next.IsData
        && IsZero == next.IsZero
        && IsPresent == next.IsPresent
        && Depth == next.Depth
        && Filename == next.Filename
        && (Offset is null ? next.Offset is null : Offset + Length == next.Offset);
}
