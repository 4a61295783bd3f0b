using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Contract;

/// <summary>A filter that hands everything on to <paramref name="below"/>; what one does differently it overrides.</summary>
public abstract class PassThroughDriver(BlockNode node, BlockChild below) : BlockDriver(node)
{
    /// <summary>The edge to the node below.</summary>
    public BlockChild Below { get; } = below;

    /// <inheritdoc/>
    public override long SizeBytes => Below.SizeBytes;

    /// <inheritdoc/>
    public override BlockLimits Limits => Below.Node.Limits with { RequestAlignment = 1 };

    /// <inheritdoc/>
    public override int ClusterSize => Below.Node.Driver.ClusterSize;

    /// <inheritdoc/>
    public override bool SupportsFua => Below.Node.Driver.SupportsFua;

    /// <inheritdoc/>
    public override bool SupportsCompression => Below.Node.Driver.SupportsCompression;

    /// <inheritdoc/>
    public override bool CanGrow => Below.Node.Driver.CanGrow;

    /// <summary>None, as with the reference: no plain name opens the filter again.</summary>
    public override string? ExactFilename => null;

    /// <inheritdoc/>
    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        Below.ReadAsync(range, target, flags);

    /// <inheritdoc/>
    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        Below.WriteAsync(range, data, flags);

    /// <inheritdoc/>
    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags) =>
        Below.WriteZeroesAsync(range, flags);

    /// <inheritdoc/>
    public override ValueTask<IoStatus> DiscardAsync(ByteRange range) => Below.DiscardAsync(range);

    /// <summary>All is to be asked of the node below, at the same offsets.</summary>
    public override ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero) =>
        new(
            new BlockStatus(
                IoStatus.Ok,
                BlockStatusFlags.Raw | BlockStatusFlags.OffsetValid,
                range.Length,
                range.Offset,
                Below.Node
            )
        );

    /// <inheritdoc/>
    public override ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation) =>
        Below.TruncateAsync(sizeBytes, exact, preallocation);
}
