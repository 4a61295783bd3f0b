using Tidemark.Core.Json;

namespace Tidemark.Drivers.File;

/// <summary>"file:PATH" and plain paths as options.</summary>
internal static class FileFilename
{
    private const string Prefix = "file:";

    public static JsonObject Parse(string filename)
    {
        var path = filename.StartsWith(Prefix, StringComparison.Ordinal) ? filename[Prefix.Length..] : filename;
        return new JsonObject { ["filename"] = new JsonString(path) };
    }
}
