namespace Tidemark.Block.Copy;

/// <summary>How a <see cref="BlockCopy"/> goes about its work. The defaults are the reference's.</summary>
public sealed record BlockCopySettings
{
    /// <summary>As the reference does when nothing is asked for.</summary>
    public static readonly BlockCopySettings Default = new();

    /// <summary>Leave out what the source's top image does not have (sync=top).</summary>
    public bool SkipUnallocated { get; init; }

    /// <summary>Copy inside the kernel where both ends are plain files; tried, and given up for good when it does not work.</summary>
    public bool UseCopyRange { get; init; }

    /// <summary>Write compressed clusters.</summary>
    public bool Compress { get; init; }

    /// <summary>Pieces that may be under way at once, at least 1.</summary>
    public int MaxWorkers { get; init; } = 64;

    /// <summary>Longest piece, bytes; 0 is the engine's own choice of 1 MiB. A piece is never shorter than a cluster.</summary>
    public long MaxChunkBytes { get; init; }
}
