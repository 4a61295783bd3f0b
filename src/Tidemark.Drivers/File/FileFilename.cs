using Tidemark.Core.Json;

namespace Tidemark.Drivers.File;

/// <summary>"file:PATH", "host_device:PATH" and plain paths as options.</summary>
internal static class FileFilename
{
    /// <summary>What may stand before the path of a file.</summary>
    public const string Prefix = "file:";

    /// <summary>What may stand before the path of a device.</summary>
    public const string DevicePrefix = "host_device:";

    public static JsonObject Parse(string filename) => new() { ["filename"] = new JsonString(ToPath(filename)) };

    public static string ToPath(string filename) =>
        filename.StartsWith(Prefix, StringComparison.Ordinal) ? filename[Prefix.Length..]
        : filename.StartsWith(DevicePrefix, StringComparison.Ordinal) ? filename[DevicePrefix.Length..]
        : filename;
}
