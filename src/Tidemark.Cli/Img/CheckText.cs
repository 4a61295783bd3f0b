using System.Globalization;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Img;

/// <summary>A check's result, for people and as JSON.</summary>
internal static class CheckText
{
    /// <summary>The exit code that the result stands for.</summary>
    public static int ExitCode(ImageCheckResult result) =>
        result.Corruptions > 0 ? 2
        : result.CheckErrors > 0 ? 1
        : result.Leaks > 0 ? 3
        : 0;

    /// <summary>Prints it.</summary>
    public static void Print(TextWriter output, BlockNode node, ImageCheckResult result, bool json)
    {
        if (json)
        {
            output.WriteLine(ToJson(node, result).ToJson(pretty: true));
        }
        else
        {
            PrintHuman(output, result);
        }
    }

    private static void PrintHuman(TextWriter output, ImageCheckResult result)
    {
        if (result is { Corruptions: 0, Leaks: 0, CheckErrors: 0 })
        {
            output.WriteLine("No errors were found on the image.");
        }
        if (result.Corruptions > 0)
        {
            output.WriteLine();
            output.WriteLine($"{result.Corruptions} errors were found on the image.");
            output.WriteLine("Data may be corrupted, or further writes to the image may corrupt it.");
        }
        if (result.Leaks > 0)
        {
            output.WriteLine();
            output.WriteLine($"{result.Leaks} leaked clusters were found on the image.");
            output.WriteLine("This means waste of disk space, but no harm to data.");
        }
        if (result.CheckErrors > 0)
        {
            output.WriteLine();
            output.WriteLine($"{result.CheckErrors} internal errors have occurred during the check.");
        }
        if (result is { TotalClusters: > 0, AllocatedClusters: > 0 })
        {
            output.WriteLine(
                $"{result.AllocatedClusters}/{result.TotalClusters} = {Percent(result.AllocatedClusters, result.TotalClusters)} allocated, "
                    + $"{Percent(result.FragmentedClusters, result.AllocatedClusters)} fragmented, "
                    + $"{Percent(result.CompressedClusters, result.AllocatedClusters)} compressed clusters"
            );
        }
        if (result.ImageEndOffset > 0)
        {
            output.WriteLine($"Image end offset: {result.ImageEndOffset}");
        }
    }

    private static string Percent(long part, long whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{part * 100.0 / whole:F2}%");

    // The order of the members is the reference's.
    private static JsonObject ToJson(BlockNode node, ImageCheckResult result)
    {
        var json = new JsonObject();
        AddIfPositive(json, "image-end-offset", result.ImageEndOffset);
        AddIfPositive(json, "compressed-clusters", result.CompressedClusters);
        AddIfPositive(json, "total-clusters", result.TotalClusters);
        AddIfPositive(json, "corruptions-fixed", result.CorruptionsFixed);
        json["check-errors"] = result.CheckErrors;
        AddIfPositive(json, "leaks-fixed", result.LeaksFixed);
        AddIfPositive(json, "corruptions", result.Corruptions);
        AddIfPositive(json, "leaks", result.Leaks);
        AddIfPositive(json, "allocated-clusters", result.AllocatedClusters);
        json["filename"] = NodeFilename.Of(node);
        json["format"] = node.Definition.Name;
        AddIfPositive(json, "fragmented-clusters", result.FragmentedClusters);
        return json;
    }

    private static void AddIfPositive(JsonObject json, string key, long value)
    {
        if (value > 0)
        {
            json[key] = value;
        }
    }
}
