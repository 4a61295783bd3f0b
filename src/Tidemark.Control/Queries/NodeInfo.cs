using Tidemark.Block.Graph;
using Tidemark.Block.Throttling;
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
    IReadOnlyList<DirtyBitmapInfo>? DirtyBitmaps = null,
    string? Group = null,
    [Wire("bps_max")] long? BpsMax = null,
    [Wire("bps_rd_max")] long? BpsReadMax = null,
    [Wire("bps_wr_max")] long? BpsWriteMax = null,
    [Wire("iops_max")] long? IopsMax = null,
    [Wire("iops_rd_max")] long? IopsReadMax = null,
    [Wire("iops_wr_max")] long? IopsWriteMax = null,
    [Wire("bps_max_length")] long? BpsMaxLength = null,
    [Wire("bps_rd_max_length")] long? BpsReadMaxLength = null,
    [Wire("bps_wr_max_length")] long? BpsWriteMaxLength = null,
    [Wire("iops_max_length")] long? IopsMaxLength = null,
    [Wire("iops_rd_max_length")] long? IopsReadMaxLength = null,
    [Wire("iops_wr_max_length")] long? IopsWriteMaxLength = null,
    [Wire("iops_size")] long? IopsSize = null
)
{
    /// <summary>The same with the bounds that its drive has; a burst that is none is left out.</summary>
    public NodeInfo BoundedBy(ThrottleGroup group)
    {
        var settings = group.Settings;
        return this with
        {
            Group = group.Name,
            Bps = settings[ThrottleBucket.BpsTotal].Average,
            BpsRead = settings[ThrottleBucket.BpsRead].Average,
            BpsWrite = settings[ThrottleBucket.BpsWrite].Average,
            Iops = settings[ThrottleBucket.IopsTotal].Average,
            IopsRead = settings[ThrottleBucket.IopsRead].Average,
            IopsWrite = settings[ThrottleBucket.IopsWrite].Average,
            BpsMax = Burst(ThrottleBucket.BpsTotal),
            BpsReadMax = Burst(ThrottleBucket.BpsRead),
            BpsWriteMax = Burst(ThrottleBucket.BpsWrite),
            IopsMax = Burst(ThrottleBucket.IopsTotal),
            IopsReadMax = Burst(ThrottleBucket.IopsRead),
            IopsWriteMax = Burst(ThrottleBucket.IopsWrite),
            BpsMaxLength = Length(ThrottleBucket.BpsTotal),
            BpsReadMaxLength = Length(ThrottleBucket.BpsRead),
            BpsWriteMaxLength = Length(ThrottleBucket.BpsWrite),
            IopsMaxLength = Length(ThrottleBucket.IopsTotal),
            IopsReadMaxLength = Length(ThrottleBucket.IopsRead),
            IopsWriteMaxLength = Length(ThrottleBucket.IopsWrite),
            IopsSize = settings.IopsSize == 0 ? null : (long)settings.IopsSize,
        };

        long? Burst(ThrottleBucket bucket) => settings[bucket].Burst == 0 ? null : settings[bucket].Burst;
        long? Length(ThrottleBucket bucket) => settings[bucket].Burst == 0 ? null : (long)settings[bucket].BurstSeconds;
    }

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
