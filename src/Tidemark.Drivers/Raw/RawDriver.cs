using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;

namespace Tidemark.Drivers.Raw;

/// <summary>Driver "raw": a file's bytes as they are, or a window of them. See README.md.</summary>
internal sealed partial class RawDriver : BlockDriver
{
    public static readonly DriverDefinition Definition = DriverDefinition.For<RawOptions>(
        "raw",
        DriverKind.Format,
        static () => RawOptions.Codec,
        OpenAsync
    ) with
    {
        ChangeableOptions = ["offset", "size"],
        ResettableOptions = ["offset", "size"],
        ChildNames = ["file"],
        // Any file is raw if it is nothing else.
        Probe = static (_, _) => 1,
        CreationSource = static () => RawCreation.Definition,
    };

    private readonly BlockChild file;
    private long offset;
    private long? windowSize;

    private RawDriver(BlockNode node, BlockChild file, RawOptions options)
        : base(node)
    {
        this.file = file;
        (offset, windowSize) = (options.Offset ?? 0, options.Size);
    }

    public override long SizeBytes => windowSize ?? Math.Max(0, file.SizeBytes - offset);

    // The file's node pads to its own alignment: who comes by here need not keep to it, wherever the window begins.
    public override BlockLimits Limits => file.Node.Limits with { RequestAlignment = 1 };

    public override int ClusterSize => file.Node.Driver.ClusterSize;

    public override bool TellsClusterSize => file.Node.Driver.TellsClusterSize;

    public override bool SupportsFua => file.Node.Driver.SupportsFua;

    public override bool CanGrow => windowSize is null && file.Node.Driver.CanGrow;

    public override string? ExactFilename => HasWindow ? null : base.ExactFilename;

    private bool HasWindow => offset != 0 || windowSize is not null;

    public override HostPlace? FindHostPlace(ByteRange range) => file.Node.Driver.FindHostPlace(Below(range));

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        file.ReadAsync(Below(range), target, flags);

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        IsOutside(range) ? new(IoStatus.NoSpace) : file.WriteAsync(Below(range), data, flags);

    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags) =>
        IsOutside(range) ? new(IoStatus.NoSpace) : file.WriteZeroesAsync(Below(range), flags);

    public override ValueTask<IoStatus> DiscardAsync(ByteRange range) =>
        IsOutside(range) ? new(IoStatus.NoSpace) : file.DiscardAsync(Below(range));

    public override ValueTask<IoStatus> CopyFromHostAsync(ByteRange range, StorageFile source, long sourceOffset) =>
        IsOutside(range) ? new(IoStatus.NoSpace) : file.Node.CopyFromHostAsync(Below(range), source, sourceOffset);

    public override ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero) =>
        new(
            new BlockStatus(
                IoStatus.Ok,
                BlockStatusFlags.Raw | BlockStatusFlags.OffsetValid,
                range.Length,
                range.Offset + offset,
                file.Node
            )
        );

    public override ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation)
    {
        if (windowSize is not null)
        {
            throw new BlockException(BlockErrorKind.NotSupported, "Cannot resize fixed-size raw disks");
        }
        if (sizeBytes > long.MaxValue - offset)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Disk size too large for the chosen offset");
        }
        return file.TruncateAsync(sizeBytes + offset, exact, preallocation);
    }

    private ByteRange Below(ByteRange range) => offset == 0 ? range : new ByteRange(range.Offset + offset, range.Length);

    private bool IsOutside(ByteRange range) => windowSize is { } size && range.End > size;

    private static async ValueTask<BlockDriver> OpenAsync(NodeOpenContext context, RawOptions options)
    {
        // A window is the data of a larger file; without one the node and its file are the same thing.
        var role = (options.HasWindow ? ChildRole.Data : ChildRole.Filtered) | ChildRole.Primary;
        var child = await context.AttachChildAsync("file", role);
        options.Check(child.SizeBytes);
        return new RawDriver(context.Node, child, options);
    }
}
