using Tidemark.Block.Graph;
using Tidemark.Control.Schema;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>A node as query-named-block-nodes and query-block show it (BlockDeviceInfo).</summary>
[Schema(Name = "BlockDeviceInfo")]
internal sealed partial record NodeInfo(
    string File,
    string NodeName,
    bool Ro,
    string Drv,
    [Wire("backing_file_depth")] long BackingFileDepth,
    bool Active,
    bool Encrypted,
    [Wire("detect_zeroes")] BlockdevDetectZeroes DetectZeroes,
    long Bps,
    [Wire("bps_rd")] long BpsRead,
    [Wire("bps_wr")] long BpsWrite,
    long Iops,
    [Wire("iops_rd")] long IopsRead,
    [Wire("iops_wr")] long IopsWrite,
    ImageDescription Image,
    CacheInfo Cache,
    [Wire("write_threshold")] long WriteThreshold,
    [Wire("backing_file")] string? BackingFile = null,
    IReadOnlyList<DirtyBitmapInfo>? DirtyBitmaps = null
)
{
    /// <summary>Describes <paramref name="node"/>, with the images behind it if <paramref name="deep"/>.</summary>
    public static NodeInfo Of(BlockNode node, bool deep)
    {
        var image = ImageDescription.Of(node, deep);
        return new(
            image.Filename,
            node.Name,
            node.IsMarkedReadOnly,
            node.Definition.Name,
            BackingFileDepth: deep ? DepthOf(node) : 0,
            !node.IsInactive,
            Encrypted: false,
            BlockdevDetectZeroesOf.Mode(node.Options.DetectZeroes),
            Bps: 0,
            BpsRead: 0,
            BpsWrite: 0,
            Iops: 0,
            IopsRead: 0,
            IopsWrite: 0,
            image,
            new CacheInfo(Writeback: true, node.Options.CacheDirect, node.Options.CacheNoFlush),
            unchecked((long)node.WriteThreshold),
            node.BackingChild is { } backing ? NodeFilename.Of(backing.Node) : null,
            DirtyBitmapInfo.List(node.Bitmaps, withStatus: false)
        );
    }

    // As many images as are described behind this one: none in the flat form.
    private static int DepthOf(BlockNode node)
    {
        var depth = 0;
        for (var at = node.NextInChain; at is not null; at = at.NextInChain)
        {
            depth++;
        }
        return depth;
    }
}
