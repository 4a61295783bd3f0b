using Tidemark.Block.Contract;
using Tidemark.Cli.Options;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Img;

/// <summary>An image's info for people.</summary>
internal static class InfoText
{
    /// <summary>Prints what <see cref="ImageInfo.Collect"/> collected.</summary>
    public static void Print(TextWriter output, JsonObject info, IReadOnlyList<SnapshotInfo> snapshots)
    {
        var size = Number(info, "virtual-size") ?? 0;
        output.WriteLine($"image: {info.GetString("filename")}");
        output.WriteLine($"file format: {info.GetString("format")}");
        output.WriteLine($"virtual size: {SizeText.Of(size)} ({size} bytes)");
        output.WriteLine($"disk size: {(Number(info, "actual-size") is { } actual ? SizeText.Of(actual) : "unavailable")}");
        if (Number(info, "cluster-size") is { } cluster)
        {
            output.WriteLine($"cluster_size: {cluster}");
        }
        if (info["dirty-flag"] is JsonBool { Value: true })
        {
            output.WriteLine("cleanly shut down: no");
        }
        PrintBacking(output, info);
        SnapshotText.Print(output, snapshots);
        if (
            info.TryGetValue("format-specific", out var specific)
            && specific is JsonObject { } container
            && container["data"] is JsonObject data
        )
        {
            output.WriteLine("Format specific information:");
            PrintMembers(output, data, indent: 4);
        }
    }

    private static void PrintBacking(TextWriter output, JsonObject info)
    {
        if (info.GetString("backing-filename") is not { } name)
        {
            return;
        }
        output.Write($"backing file: {name}");
        var full = info.GetString("full-backing-filename");
        if (full is null)
        {
            output.Write(" (cannot determine actual path)");
        }
        else if (full != name)
        {
            output.Write($" (actual path: {full})");
        }
        output.WriteLine();
        if (info.GetString("backing-filename-format") is { } format)
        {
            output.WriteLine($"backing file format: {format}");
        }
    }

    /// <summary>Prints members one a line, nested ones further in.</summary>
    public static void PrintMembers(TextWriter output, JsonObject members, int indent)
    {
        foreach (var (key, value) in members)
        {
            PrintEntry(output, key.Replace('-', ' '), value, indent);
        }
    }

    private static void PrintEntry(TextWriter output, string label, JsonValue value, int indent)
    {
        output.Write(new string(' ', indent));
        switch (value)
        {
            case JsonObject members:
                output.WriteLine($"{label}:");
                PrintMembers(output, members, indent + 4);
                break;
            case JsonArray items:
                output.WriteLine($"{label}:");
                var index = 0;
                foreach (var item in items)
                {
                    PrintEntry(output, $"[{index++}]", item, indent + 4);
                }
                break;
            case JsonString text:
                output.WriteLine($"{label}: {text.Value}");
                break;
            default:
                output.WriteLine($"{label}: {value.ToJson()}");
                break;
        }
    }

    private static long? Number(JsonObject info, string key) =>
        info.TryGetValue(key, out var value) && value is JsonNumber number && number.TryGetInt64(out var result) ? result : null;
}
