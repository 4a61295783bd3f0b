namespace Tidemark.Io.Simulated;

/// <summary>What a <see cref="Change"/> does.</summary>
internal enum ChangeKind
{
    Write,

    /// <summary>A hole inside the file; the size stays.</summary>
    Hole,

    /// <summary>A hole that may lie behind the end, which moves.</summary>
    HoleAndGrow,

    /// <summary>Zeroes in pages of their own.</summary>
    Zeroes,

    /// <summary>Pages, whatever they hold.</summary>
    Space,

    /// <summary>A new size.</summary>
    Size,
}
