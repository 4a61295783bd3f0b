using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Graph;

/// <summary>What the names of images mean: plain paths, protocol names, json: names, and names relative to another image's.</summary>
public static class FilenameParser
{
    private const string JsonPrefix = "json:";

    /// <summary>The options in a "json:{…}" name; null for any other name. Throws <see cref="BlockException"/> if they are no object.</summary>
    public static JsonObject? TryParseJson(string filename)
    {
        if (!filename.StartsWith(JsonPrefix, StringComparison.Ordinal))
        {
            return null;
        }
        try
        {
            return JsonValue.Parse(filename[JsonPrefix.Length..]) as JsonObject
                ?? throw new BlockException(BlockErrorKind.InvalidOptions, "Invalid JSON object given");
        }
        catch (JsonParseException error)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"Could not parse the JSON options: {error.Message}");
        }
    }

    /// <summary>The protocol options that <paramref name="filename"/> stands for; a plain path is a local file.</summary>
    public static JsonObject ToOptions(DriverRegistry drivers, string filename, DriverDefinition? protocol = null)
    {
        if (TryParseJson(filename) is { } json)
        {
            return json;
        }
        protocol ??= drivers.FindByFilename(filename) ?? UnknownProtocol(drivers, filename) ?? drivers.Require("file");
        var options =
            protocol.ParseFilename?.Invoke(filename)
            ?? throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"The '{protocol.Name}' block driver requires a file name"
            );
        options["driver"] = new JsonString(protocol.Name);
        return options;
    }

    /// <summary>Whether the name has a protocol before a colon (and is not a path such as "./a:b").</summary>
    public static bool HasProtocol(string filename)
    {
        var colon = filename.IndexOf(':', StringComparison.Ordinal);
        var slash = filename.IndexOf('/', StringComparison.Ordinal);
        return colon > 0 && (slash < 0 || colon < slash);
    }

    /// <summary>
    /// The name that <paramref name="backing"/>, as the image <paramref name="image"/> names it, has seen from here: paths are
    /// relative to the image's folder.
    /// </summary>
    public static string Resolve(string image, string backing)
    {
        if (backing.Length == 0 || backing[0] == '/' || HasProtocol(backing))
        {
            return backing;
        }
        if (image.StartsWith(JsonPrefix, StringComparison.Ordinal))
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"Cannot generate full file name for '{backing}': relative to a JSON file name"
            );
        }
        var folderEnd = image.LastIndexOf('/');
        return folderEnd < 0 ? backing : image[..(folderEnd + 1)] + backing;
    }

    private static DriverDefinition? UnknownProtocol(DriverRegistry drivers, string filename)
    {
        if (!HasProtocol(filename))
        {
            return null;
        }
        var name = filename[..filename.IndexOf(':', StringComparison.Ordinal)];
        return drivers.TryGet(name, out var driver) && driver.ParseFilename is not null
            ? driver
            : throw new BlockException(BlockErrorKind.NotFound, $"Unknown protocol '{name}'");
    }
}
