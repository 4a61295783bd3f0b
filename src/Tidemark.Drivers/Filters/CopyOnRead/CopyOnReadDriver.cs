using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Filters.CopyOnRead;

/// <summary>Driver "copy-on-read": what is read from below the image is written to the image. See README.md.</summary>
internal sealed class CopyOnReadDriver : PassThroughDriver
{
    public static readonly DriverDefinition Definition = DriverDefinition.For(
        "copy-on-read",
        DriverKind.Filter,
        static () => CopyOnReadOptions.Codec,
        OpenAsync
    ) with
    {
        CanReopen = false,
        ChildNames = ["file"],
    };

    private readonly BlockNode? bottom;
    private readonly IReadOnlyList<BlockChild> frozen;

    // The bottom must stay in the chain.
    private CopyOnReadDriver(BlockNode node, BlockChild file, BlockNode? bottom)
        : base(node, file)
    {
        frozen = bottom is null ? [] : BlockGraph.FreezeChain(node, bottom);
        // The image itself: as the reference, which looks below it for a bottom, and finds none.
        this.bottom = ReferenceEquals(bottom, file.Node) ? null : bottom;
    }

    public override ChildPermissions GetChildPermissions(BlockChild child, BlockPermissions required, BlockPermissions shared) =>
        new(
            required & (BlockPermissions.ConsistentRead | BlockPermissions.Write | BlockPermissions.Resize)
                | BlockPermissions.WriteUnchanged,
            shared | BlockPermissions.WriteUnchanged
        );

    public override ValueTask CloseAsync()
    {
        BlockGraph.UnfreezeChain(frozen);
        return base.CloseAsync();
    }

    public override async ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        var offset = range.Offset;
        while (offset < range.End)
        {
            var rest = ByteRange.Between(offset, range.End);
            var (status, isWanted, length) = await LookAtAsync(rest);
            if (status != IoStatus.Ok)
            {
                return status;
            }
            var piece = new ByteRange(offset, length);
            var part = target.Slice((int)(offset - range.Offset), (int)length);
            status =
                isWanted ? await Below.ReadKeepingAsync(piece, part, flags)
                : (flags & RequestFlags.Prefetch) != 0 ? IoStatus.Ok
                : await Below.ReadAsync(piece, part, flags);
            if (status != IoStatus.Ok)
            {
                return status;
            }
            offset = piece.End;
        }
        return IoStatus.Ok;
    }

    /// <summary>Whether the beginning of the range comes from below the image, and not from below the bottom, and for how long that holds.</summary>
    private async ValueTask<(IoStatus Status, bool IsWanted, long Length)> LookAtAsync(ByteRange range)
    {
        var own = await Below.BlockStatusAsync(range, wantZero: false);
        if (own.Status != IoStatus.Ok || own.IsAllocated || own.Length == 0)
        {
            return (own.Status, false, own.Length == 0 ? range.Length : own.Length);
        }
        if (bottom is null)
        {
            return (IoStatus.Ok, true, own.Length);
        }
        var chain = await Below.Node.BlockStatusAboveAsync(
            bottom,
            includeBase: true,
            new ByteRange(range.Offset, own.Length),
            wantZero: false
        );
        return (chain.Block.Status, chain.Block.IsAllocated, chain.Block.Length);
    }

    private static async ValueTask<BlockDriver> OpenAsync(NodeOpenContext context, CopyOnReadOptions options)
    {
        var file = await context.AttachChildAsync("file", ChildRole.Filtered | ChildRole.Primary);
        return new CopyOnReadDriver(context.Node, file, options.Bottom is { } name ? FindBottom(context, file, name) : null);
    }

    private static BlockNode FindBottom(NodeOpenContext context, BlockChild file, string name)
    {
        var named =
            context.Graph.FindNode(name) ?? throw new BlockException(BlockErrorKind.NotFound, $"Bottom node '{name}' not found");
        for (var node = file.Node; node is not null; node = node.NextInChain)
        {
            if (ReferenceEquals(node, named))
            {
                return named;
            }
        }
        throw new BlockException(
            BlockErrorKind.InvalidOptions,
            $"Bottom node '{name}' is not in the backing chain of '{file.Node.Name}'"
        );
    }
}
