using Tidemark.Block.Graph;

namespace Tidemark.Block.Copy.Mirror;

/// <summary>How a <see cref="MirrorCopy"/> goes about its work.</summary>
public sealed record MirrorSettings
{
    /// <summary>What one bit of the job's bitmap stands for, bytes; a power of two.</summary>
    public required long Granularity { get; init; }

    /// <summary>Bytes that may be under way at once; 0 is the engine's own choice.</summary>
    public long BufferBytes { get; init; }

    /// <summary>Whether zeroes may be written by deallocating.</summary>
    public bool MayUnmap { get; init; } = true;

    /// <summary>What is to be copied to begin with.</summary>
    public MirrorStart Start { get; init; } = MirrorStart.Everything;

    /// <summary>With <see cref="MirrorStart.Allocated"/>: the node below which nothing is looked for; null for the whole chain.</summary>
    public BlockNode? Base { get; init; }
}
