using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Filters.Compress;

/// <summary>Driver "compress": what is written through it is written compressed below. See README.md.</summary>
internal sealed class CompressDriver : PassThroughDriver
{
    public static readonly DriverDefinition Definition = DriverDefinition.For(
        "compress",
        DriverKind.Filter,
        static () => CompressOptions.Codec,
        OpenAsync
    ) with
    {
        CanReopen = false,
        ChildNames = ["file"],
    };

    private CompressDriver(BlockNode node, BlockChild file)
        : base(node, file) { }

    // It packs itself what others write: nobody writes packed clusters through it.
    public override bool SupportsCompression => false;

    // Only whole clusters can be packed: the node reads what a write leaves of one.
    public override BlockLimits Limits =>
        Below.Node.Limits with
        {
            RequestAlignment = Math.Max(Below.Node.Limits.RequestAlignment, ClusterSize),
        };

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        Below.ReadAsync(Inside(range), target[..(int)Inside(range).Length], flags);

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        Below.WriteAsync(Inside(range), data[..(int)Inside(range).Length], flags | RequestFlags.Compressed);

    // The last cluster may go on behind the disk's end.
    private ByteRange Inside(ByteRange range) => ByteRange.Between(range.Offset, Math.Min(range.End, Below.SizeBytes));

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
