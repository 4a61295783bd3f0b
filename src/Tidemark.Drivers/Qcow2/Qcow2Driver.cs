using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Bitmaps;
using Tidemark.Drivers.Qcow2.Compression;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Options;
using Tidemark.Io.Contract;

namespace Tidemark.Drivers.Qcow2;

/// <summary>Driver "qcow2": an image that grows as it is written, with a backing file. See README.md.</summary>
internal sealed partial class Qcow2Driver : BlockDriver, IBackingFileDriver
{
    private static string[] RuntimeOptions =>
        [
            "lazy-refcounts",
            "pass-discard-request",
            "pass-discard-snapshot",
            "pass-discard-other",
            "overlap-check",
            "cache-size",
            "l2-cache-size",
            "l2-cache-entry-size",
            "refcount-cache-size",
            "cache-clean-interval",
        ];

    /// <summary>The driver as the graph knows it.</summary>
    public static readonly DriverDefinition Definition = DriverDefinition.For(
        "qcow2",
        DriverKind.Format,
        static () => BlockdevOptionsQcow2.Codec,
        OpenAsync
    ) with
    {
        ChangeableOptions = RuntimeOptions,
        ResettableOptions = RuntimeOptions,
        ChildNames = ["file", "backing", "data-file"],
        SupportsBacking = true,
        CreationSource = static () => Create.Qcow2Creation.Definition,
        AmendmentSource = static () => Amend.Qcow2Amendment.Definition,
        Probe = static (head, _) => Header.Qcow2Header.Probe(head.Span) ? 100 : 0,
    };

    private readonly ClusterMapper mapper;
    private readonly CompressedClusters compressed;
    private readonly AllocationTable allocations = new();

    private Qcow2Driver(BlockNode node, Qcow2Image image)
        : base(node)
    {
        Image = image;
        mapper = new ClusterMapper(image);
        compressed = new CompressedClusters(image);
        bitmaps = new StoredBitmaps(new BitmapImage(image));
    }

    /// <summary>The image, shared with check and bitmaps.</summary>
    public Qcow2Image Image { get; }

    /// <inheritdoc/>
    public override long SizeBytes => Image.Header.SizeBytes;

    /// <inheritdoc/>
    public override int ClusterSize => Image.Geometry.ClusterSize;

    /// <inheritdoc/>
    public override BlockLimits Limits =>
        new() { WriteZeroesAlignment = Image.Geometry.ClusterSize, DiscardAlignment = Image.Geometry.ClusterSize };

    /// <inheritdoc/>
    public override StorageFile? HostFile => null;

    /// <inheritdoc/>
    public string? BackingFileName => Image.Header.BackingFileName;

    /// <inheritdoc/>
    public string? BackingFormat => Image.Header.BackingFormat;

    private IoEngine Engine => Node.Graph.Engine;

    /// <inheritdoc/>
    public async ValueTask ChangeBackingFileAsync(string? name, string? format)
    {
        if (name is { Length: > Qcow2.Limits.BackingNameBytes })
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Backing file name too long");
        }
        var header = Image.Header;
        var (oldName, oldFormat) = (header.BackingFileName, header.BackingFormat);
        await Image.Lock.EnterAsync();
        try
        {
            (header.BackingFileName, header.BackingFormat) = (name, format);
            var status = await Image.UpdateHeaderAsync();
            if (status != IoStatus.Ok)
            {
                (header.BackingFileName, header.BackingFormat) = (oldName, oldFormat);
                throw new BlockException(status, "Could not update the backing file in the header");
            }
        }
        finally
        {
            Image.Lock.Exit();
        }
    }
}
