using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Control.Commands.Block;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>An image as queries show it (ImageInfo); sizes in bytes.</summary>
[Schema(Name = "ImageInfo")]
internal sealed partial record ImageDescription(
    string Filename,
    string Format,
    long VirtualSize,
    bool? DirtyFlag = null,
    long? ActualSize = null,
    long? ClusterSize = null,
    string? BackingFilename = null,
    string? FullBackingFilename = null,
    string? BackingFilenameFormat = null,
    IReadOnlyList<SnapshotDescription>? Snapshots = null,
    ImageDescription? BackingImage = null,
    JsonValue? FormatSpecific = null
)
{
    /// <summary>Describes <paramref name="node"/>, with the images behind it if <paramref name="deep"/>.</summary>
    public static ImageDescription Of(BlockNode node, bool deep)
    {
        var driver = node.Driver;
        var image = driver as IImageInfo;
        var backing = driver as IBackingFileDriver;
        var name = backing?.BackingFileName;
        return new(
            NodeFilename.Of(node),
            node.Definition.Name,
            node.SizeBytes,
            DirtyFlagOf(node),
            driver.AllocatedBytes >= 0 ? driver.AllocatedBytes : null,
            driver.ClusterSize > 0 ? driver.ClusterSize : null,
            name,
            name is null ? null : FullName(node, name),
            name is null ? null : backing?.BackingFormat,
            InternalSnapshots.FindDriver(node) is { Snapshots: { Count: > 0 } snapshots }
                ? [.. snapshots.Select(SnapshotDescription.Of)]
                : null,
            // What a filter stands over counts as the image behind it.
            deep && node.NextInChain is { } next
                ? Of(next, deep)
                : null,
            image?.GetFormatSpecific()
        );
    }

    /// <summary>What the format says, through filters and raw; a file is never dirty; other protocols don't know.</summary>
    private static bool? DirtyFlagOf(BlockNode node) =>
        node.Driver switch
        {
            IImageInfo image => image.IsDirty,
            { HostFile: not null } => false,
            _ => node.PrimaryChild is { } below ? DirtyFlagOf(below.Node) : null,
        };

    private static string? FullName(BlockNode node, string backing)
    {
        try
        {
            return FilenameParser.Resolve(NodeFilename.OfStorage(node) ?? NodeFilename.Of(node), backing);
        }
        catch (BlockException)
        {
            // An image without a path of its own: the name alone has to do.
            return null;
        }
    }
}
