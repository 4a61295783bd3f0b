using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Drivers.NbdClient;

/// <summary>The flat options host, port and path, which older command lines and json: names have in place of "server".</summary>
internal static class NbdLegacyOptions
{
    private const string DefaultPort = "10809";

    /// <summary>The options with "server"; the same object if there is nothing to change. Throws when there is no server at all.</summary>
    public static JsonObject ToServer(JsonObject options)
    {
        if (options.TryGetValue("server", out _))
        {
            return options;
        }
        var result = options.DeepClone();
        var (path, host, port) = (Take(result, "path"), Take(result, "host"), Take(result, "port"));
        if (path is not null && host is not null)
        {
            throw Invalid("path and host may not be used at the same time");
        }
        if (path is null && host is null)
        {
            throw Invalid("NBD server address missing");
        }
        if (path is not null && port is not null)
        {
            throw Invalid("port may not be used without host");
        }
        result["server"] = path is not null
            ? new JsonObject { ["type"] = "unix", ["path"] = path }
            : new JsonObject
            {
                ["type"] = "inet",
                ["host"] = host!,
                ["port"] = port ?? new JsonString(DefaultPort),
            }; // one of both is there
        return result;
    }

    private static JsonValue? Take(JsonObject options, string key)
    {
        _ = options.TryGetValue(key, out var value);
        _ = options.Remove(key);
        return value;
    }

    private static BlockException Invalid(string message) => new(BlockErrorKind.InvalidOptions, message);
}
