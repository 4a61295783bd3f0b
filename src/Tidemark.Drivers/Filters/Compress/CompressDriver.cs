using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Filters.Compress;

/// <summary>Driver "compress": what is written through it is written compressed below. See README.md.</summary>
internal sealed class CompressDriver : BlockDriver
{
    public static readonly DriverDefinition Definition = DriverDefinition.For(
        "compress",
        DriverKind.Filter,
        static () => CompressOptions.Codec,
        OpenAsync
    ) with
    {
        ChildNames = ["file"],
    };

    private readonly BlockChild file;

    private CompressDriver(BlockNode node, BlockChild file)
        : base(node) => this.file = file;

    public override long SizeBytes => file.SizeBytes;

    public override int ClusterSize => file.Node.Driver.ClusterSize;

    public override bool SupportsFua => file.Node.Driver.SupportsFua;

    public override bool SupportsCompression => true;

    // Opened by the image's name alone, it would not compress.
    public override string? ExactFilename => null;

    // Only whole clusters can be packed: the node reads what a write leaves of one.
    public override BlockLimits Limits =>
        file.Node.Limits with
        {
            RequestAlignment = Math.Max(file.Node.Limits.RequestAlignment, ClusterSize),
        };

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        file.ReadAsync(Inside(range), target[..(int)Inside(range).Length], flags);

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        file.WriteAsync(Inside(range), data[..(int)Inside(range).Length], flags | RequestFlags.Compressed);

    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags) =>
        file.WriteZeroesAsync(range, flags);

    public override ValueTask<IoStatus> DiscardAsync(ByteRange range) => file.DiscardAsync(range);

    public override ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero) =>
        new(
            new BlockStatus(
                IoStatus.Ok,
                BlockStatusFlags.Raw | BlockStatusFlags.OffsetValid,
                range.Length,
                range.Offset,
                file.Node
            )
        );

    public override ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation) =>
        file.TruncateAsync(sizeBytes, exact, preallocation);

    // The last cluster may go on behind the disk's end.
    private ByteRange Inside(ByteRange range) => ByteRange.Between(range.Offset, Math.Min(range.End, file.SizeBytes));

    private static async ValueTask<BlockDriver> OpenAsync(NodeOpenContext context, CompressOptions options)
    {
        var image = await context.AttachChildAsync("file", ChildRole.Filtered | ChildRole.Primary);
        var below = image.Node.Driver;
        if (!below.SupportsCompression || below.ClusterSize == 0)
        {
            throw new BlockException(
                BlockErrorKind.NotSupported,
                $"Compression is not supported for underlying format: {image.Node.Definition.Name}"
            );
        }
        return new CompressDriver(context.Node, image);
    }
}
