using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Filters.BlkDebug;

/// <summary>Driver "blkdebug": lets requests to its image fail by rules, and narrows their limits. See README.md.</summary>
internal sealed partial class BlkDebugDriver : BlockDriver
{
    private readonly BlockChild image;
    private readonly BlkDebugRules rules;
    private readonly BlkDebugOptions options;
    private readonly BlockPermissions taken;
    private readonly BlockPermissions unshared;

    private BlkDebugDriver(BlockNode node, BlockChild image, BlkDebugRules rules, BlkDebugOptions options)
        : base(node)
    {
        this.image = image;
        this.rules = rules;
        this.options = options;
        taken = Combine(options.TakeChildPerms);
        unshared = Combine(options.UnshareChildPerms);
    }

    public override long SizeBytes => image.SizeBytes;

    // As the reference, which counts it among the protocols and asks no further.
    public override long AllocatedBytes => -1;

    public override int ClusterSize => image.Node.Driver.ClusterSize;

    public override bool SupportsFua => image.Node.Driver.SupportsFua;

    public override bool SupportsCompression => image.Node.Driver.SupportsCompression;

    public override bool CanGrow => image.Node.Driver.CanGrow;

    public override string? ExactFilename =>
        Node.Options.DriverOptions.All(static option =>
            option.Key is "config" or "image" or "take-child-perms" or "unshare-child-perms"
        ) && image.Node.Driver.ExactFilename is { } below
            ? $"blkdebug:{options.Config}:{below}"
            : null;

    public override BlockLimits Limits
    {
        get
        {
            var below = image.Node.Limits;
            return below with
            {
                RequestAlignment = options.Align > 0 ? (int)options.Align : below.RequestAlignment,
                MaxTransfer = options.MaxTransfer > 0 ? (int)options.MaxTransfer : below.MaxTransfer,
                WriteZeroesAlignment = options.OptWriteZero > 0 ? (int)options.OptWriteZero : below.WriteZeroesAlignment,
                MaxWriteZeroes = options.MaxWriteZero > 0 ? options.MaxWriteZero : below.MaxWriteZeroes,
                DiscardAlignment = options.OptDiscard > 0 ? (int)options.OptDiscard : below.DiscardAlignment,
                MaxDiscard = options.MaxDiscard > 0 ? options.MaxDiscard : below.MaxDiscard,
            };
        }
    }

    public override ChildPermissions GetChildPermissions(BlockChild child, BlockPermissions required, BlockPermissions shared)
    {
        var (below, bears) = ChildPermissions.ForFilter(required, shared);
        return new(below | taken, bears & ~unshared);
    }

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        Find(IoType.Read, range) is { } rule ? FailAsync(rule) : image.ReadAsync(range, target, flags);

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        Find(IoType.Write, range) is { } rule ? FailAsync(rule) : image.WriteAsync(range, data, flags);

    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags)
    {
        if (!Alignment.Is(range.Offset | range.Length, Node.Limits.WriteZeroesAlignment))
        {
            // Parts of a unit are written as data.
            return new(IoStatus.NotSupported);
        }
        return Find(IoType.WriteZeroes, range) is { } rule ? FailAsync(rule) : image.WriteZeroesAsync(range, flags);
    }

    public override ValueTask<IoStatus> DiscardAsync(ByteRange range)
    {
        if (!Alignment.Is(range.Offset | range.Length, Node.Limits.DiscardAlignment))
        {
            return new(IoStatus.NotSupported);
        }
        return Find(IoType.Discard, range) is { } rule ? FailAsync(rule) : image.DiscardAsync(range);
    }

    public override ValueTask<IoStatus> FlushToDiskAsync() =>
        rules.Find(IoType.Flush, 0, 0) is { } rule ? FailAsync(rule) : new(IoStatus.Ok);

    public override async ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero) =>
        Find(IoType.BlockStatus, range) is { } rule
            ? BlockStatus.Failed(await FailAsync(rule))
            : new BlockStatus(
                IoStatus.Ok,
                BlockStatusFlags.Raw | BlockStatusFlags.OffsetValid,
                range.Length,
                range.Offset,
                image.Node
            );

    public override ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation) =>
        image.TruncateAsync(sizeBytes, exact, preallocation);

    private InjectError? Find(IoType type, ByteRange range) => rules.Find(type, range.Offset, range.Length);

    private static ValueTask<IoStatus> FailAsync(InjectError rule)
    {
        var status = (IoStatus)rule.Errno;
        return rule.Immediately ? new(status) : FailLaterAsync(status);

        static async ValueTask<IoStatus> FailLaterAsync(IoStatus status)
        {
            await Task.Yield();
            return status;
        }
    }

    private static BlockPermissions Combine(IReadOnlyList<ChildPermission>? list)
    {
        var result = BlockPermissions.None;
        foreach (var permission in list ?? [])
        {
            result |= permission switch
            {
                ChildPermission.ConsistentRead => BlockPermissions.ConsistentRead,
                ChildPermission.Write => BlockPermissions.Write,
                ChildPermission.WriteUnchanged => BlockPermissions.WriteUnchanged,
                _ => BlockPermissions.Resize,
            };
        }
        return result;
    }
}
