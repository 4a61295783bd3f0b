using Tidemark.Core.Json;

namespace Tidemark.Drivers.File;

/// <summary>"file:PATH" and plain paths as options.</summary>
internal static class FileFilename
{
    private const string Prefix = "file:";

    public static JsonObject Parse(string filename) => new() { ["filename"] = new JsonString(ToPath(filename)) };

    public static string ToPath(string filename) =>
        filename.StartsWith(Prefix, StringComparison.Ordinal) ? filename[Prefix.Length..] : filename;
}
