using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers;

/// <summary>A filter that hands everything on to <paramref name="file"/>; what one does differently it overrides.</summary>
internal abstract class PassThroughDriver(BlockNode node, BlockChild file) : BlockDriver(node)
{
    /// <summary>The node below.</summary>
    protected BlockChild File { get; } = file;

    public override long SizeBytes => File.SizeBytes;

    public override BlockLimits Limits => File.Node.Limits;

    public override int ClusterSize => File.Node.Driver.ClusterSize;

    public override bool SupportsFua => File.Node.Driver.SupportsFua;

    public override bool SupportsCompression => File.Node.Driver.SupportsCompression;

    public override bool CanGrow => File.Node.Driver.CanGrow;

    // As the reference: no plain name opens the filter again.
    public override string? ExactFilename => null;

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        File.ReadAsync(range, target, flags);

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        File.WriteAsync(range, data, flags);

    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags) =>
        File.WriteZeroesAsync(range, flags);

    public override ValueTask<IoStatus> DiscardAsync(ByteRange range) => File.DiscardAsync(range);

    public override ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero) =>
        new(
            new BlockStatus(
                IoStatus.Ok,
                BlockStatusFlags.Raw | BlockStatusFlags.OffsetValid,
                range.Length,
                range.Offset,
                File.Node
            )
        );

    public override ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation) =>
        File.TruncateAsync(sizeBytes, exact, preallocation);
}
