using Tidemark.Block.Contract;
using Tidemark.Block.Copy;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Filters.SnapshotAccess;

/// <summary>Driver "snapshot-access": the past that the filter below keeps, to read. See README.md.</summary>
internal sealed class SnapshotAccessDriver : BlockDriver, IImageInfo
{
    public static readonly DriverDefinition Definition = DriverDefinition.For(
        IPointInTime.ReaderName,
        DriverKind.Format,
        static () => SnapshotAccessOptions.Codec,
        OpenAsync
    ) with
    {
        CanReopen = false,
        ChildNames = ["file"],
    };

    private readonly BlockChild file;

    private SnapshotAccessDriver(BlockNode node, BlockChild file)
        : base(node) => this.file = file;

    public override long SizeBytes => file.SizeBytes;

    public override string? ExactFilename => file.Node.Driver.ExactFilename;

    public bool? IsDirty => null;

    // Looked up each time: a reopen may have put another node below.
    private IPointInTime? Past => file.Node.Driver as IPointInTime;

    public JsonObject? GetFormatSpecific() => null;

    // Nothing below is touched but what the filter keeps to itself.
    public override ChildPermissions GetChildPermissions(BlockChild child, BlockPermissions required, BlockPermissions shared) =>
        new(BlockPermissions.None, BlockPermissions.All);

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        Past?.ReadPastAsync(range, target) ?? new(IoStatus.NotSupported);

    public override async ValueTask<IoStatus> DiscardAsync(ByteRange range) =>
        Past is { } past ? await past.DiscardPastAsync(range) : IoStatus.NotSupported;

    public override ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero) =>
        Past?.PastStatusAsync(range, wantZero) ?? new(BlockStatus.Failed(IoStatus.NotSupported));

    // There is nothing of its own to write.
    public override bool FlushesThrough(BlockChild child) => false;

    private static async ValueTask<BlockDriver> OpenAsync(NodeOpenContext context, SnapshotAccessOptions options) =>
        new SnapshotAccessDriver(context.Node, await context.AttachChildAsync("file", ChildRole.Data | ChildRole.Primary));
}
