using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Img;

/// <summary>What is known of an image, as QMP's ImageInfo, its members in the order in which the reference prints them.</summary>
internal static class ImageInfo
{
    /// <summary>Collects it from an open node.</summary>
    public static JsonObject Collect(BlockNode node)
    {
        var driver = node.Driver;
        var info = new JsonObject();
        var backing = driver as IBackingFileDriver;
        if (backing is { BackingFileName: not null, BackingFormat: { } format })
        {
            info["backing-filename-format"] = format;
        }
        if (driver is ISnapshotDriver { Snapshots: { Count: > 0 } snapshots })
        {
            info["snapshots"] = new JsonArray(snapshots.Select(Describe));
        }
        info["virtual-size"] = node.SizeBytes;
        info["filename"] = NodeFilename.Of(node);
        if (driver.ClusterSize > 0)
        {
            info["cluster-size"] = driver.ClusterSize;
        }
        info["format"] = node.Definition.Name;
        if (driver.AllocatedBytes >= 0)
        {
            info["actual-size"] = driver.AllocatedBytes;
        }
        var image = driver as IImageInfo;
        if (image?.GetFormatSpecific() is { } specific)
        {
            info["format-specific"] = specific;
        }
        if (backing?.BackingFileName is { } name)
        {
            AddBacking(info, node, name);
        }
        info["dirty-flag"] = image?.IsDirty ?? false;
        return info;
    }

    private static JsonObject Describe(SnapshotInfo snapshot)
    {
        var described = new JsonObject();
        if (snapshot.InstructionCount is { } count)
        {
            described["icount"] = (long)count;
        }
        described["vm-clock-nsec"] = (long)(snapshot.VmClockNanoseconds % 1_000_000_000);
        described["name"] = snapshot.Name;
        described["date-sec"] = snapshot.DateSeconds;
        described["date-nsec"] = snapshot.DateNanoseconds;
        described["vm-clock-sec"] = (long)(snapshot.VmClockNanoseconds / 1_000_000_000);
        described["id"] = snapshot.Id;
        described["vm-state-size"] = snapshot.VmStateBytes;
        return described;
    }

    private static void AddBacking(JsonObject info, BlockNode node, string name)
    {
        try
        {
            info["full-backing-filename"] = FilenameParser.Resolve(
                node.PrimaryChild?.Node.Driver.ExactFilename ?? NodeFilename.Of(node),
                name
            );
        }
        catch (BlockException)
        {
            // An image without a path of its own: the name alone has to do.
        }
        info["backing-filename"] = name;
    }
}
