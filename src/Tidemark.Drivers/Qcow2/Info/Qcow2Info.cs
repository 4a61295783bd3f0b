using Tidemark.Block.Contract;
using Tidemark.Core.Json;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2.Info;

/// <summary>What an image tells about itself, as QMP's ImageInfoSpecificQCow2: keys, values and their order are the reference's.</summary>
internal static class Qcow2Info
{
    /// <summary>The object with "type" and "data".</summary>
    public static JsonObject Describe(Qcow2Header header, IReadOnlyList<StoredBitmapInfo> bitmaps)
    {
        var data = new JsonObject
        {
            ["compat"] = new JsonString(header.Version < 3 ? "0.10" : "1.1"),
            ["compression-type"] = new JsonString(header.CompressionType == CompressionType.Zstd ? "zstd" : "zlib"),
        };
        var refcountBits = new JsonNumber(1L << header.RefcountOrder);
        if (header.Version < 3)
        {
            data["refcount-bits"] = refcountBits;
        }
        else
        {
            data["lazy-refcounts"] = JsonBool.Of(header.HasLazyRefcounts);
            if (bitmaps.Count > 0)
            {
                data["bitmaps"] = new JsonArray(bitmaps.Select(Describe));
            }
            data["refcount-bits"] = refcountBits;
            data["corrupt"] = JsonBool.Of(header.IsCorrupt);
            data["extended-l2"] = JsonBool.Of((header.IncompatibleFeatures & Qcow2Features.ExtendedL2) != 0);
        }
        return new() { ["type"] = new JsonString("qcow2"), ["data"] = data };
    }

    private static JsonObject Describe(StoredBitmapInfo bitmap)
    {
        var flags = new List<JsonValue>();
        if (bitmap.InUse)
        {
            flags.Add(new JsonString("in-use"));
        }
        if (bitmap.Auto)
        {
            flags.Add(new JsonString("auto"));
        }
        return new()
        {
            ["flags"] = new JsonArray(flags),
            ["name"] = new JsonString(bitmap.Name),
            ["granularity"] = new JsonNumber(bitmap.GranularityBytes),
        };
    }
}
