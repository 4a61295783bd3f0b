using Tidemark.Core.Errors;

namespace Tidemark.Block.Contract;

/// <summary>
/// The status of the run of bytes that begins at the offset asked about.
/// </summary>
/// <param name="Status">Whether the question could be answered.</param>
/// <param name="Flags">What is known.</param>
/// <param name="Length">Bytes that it holds for, at least 1 and at most what was asked.</param>
/// <param name="HostOffset">Where the run begins in <paramref name="File"/>, bytes, with <see cref="BlockStatusFlags.OffsetValid"/>.</param>
/// <param name="File">The node in which <paramref name="HostOffset"/> counts.</param>
public readonly record struct BlockStatus(
    IoStatus Status,
    BlockStatusFlags Flags,
    long Length,
    long HostOffset = 0,
    Graph.BlockNode? File = null
)
{
    /// <summary>An answer that failed.</summary>
    public static BlockStatus Failed(IoStatus status) => new(status, BlockStatusFlags.None, 0);

    /// <summary>Whether the run reads as zeroes.</summary>
    public bool IsZero => (Flags & BlockStatusFlags.Zero) != 0;

    /// <summary>Whether the run has data behind it.</summary>
    public bool IsData => (Flags & BlockStatusFlags.Data) != 0;

    /// <summary>Whether this layer determines the content.</summary>
    public bool IsAllocated => (Flags & BlockStatusFlags.Allocated) != 0;
}
