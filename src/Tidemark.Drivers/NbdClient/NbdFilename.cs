using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Drivers.NbdClient;

/// <summary>
/// Names of images that mean an NBD export:
/// <code>
///   nbd:unix:PATH[:exportname=NAME]          nbd+unix:///[NAME]?socket=PATH
///   nbd:HOST:PORT[:exportname=NAME]          nbd://HOST[:PORT][/NAME]     nbd+tcp://…
/// </code>
/// </summary>
internal static class NbdFilename
{
    private const string ExportMarker = ":exportname=";
    private const string DefaultPort = "10809";

    /// <summary>The options that <paramref name="filename"/> stands for. Throws <see cref="BlockException"/>.</summary>
    public static JsonObject Parse(string filename) =>
        filename.Contains("://", StringComparison.Ordinal) ? ParseUri(filename) : ParseOldForm(filename);

    /// <summary>The name of an export at <paramref name="server"/>, as queries show it; null if there is no such name.</summary>
    public static string? Make(NbdServerAddress server, string? export)
    {
        var name = string.IsNullOrEmpty(export) ? "" : "/" + export;
        return server switch
        {
            NbdServerAddress.Unix unix => $"nbd+unix://{name}?socket={unix.Path}",
            NbdServerAddress.Inet inet => $"nbd://{inet.Host}:{inet.Port}{name}",
            _ => null,
        };
    }

    private static JsonObject ParseUri(string text)
    {
        var schemeEnd = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = text[..schemeEnd];
        var rest = text[(schemeEnd + 3)..];
        var queryAt = rest.IndexOf('?', StringComparison.Ordinal);
        var query = queryAt < 0 ? "" : rest[(queryAt + 1)..];
        var location = queryAt < 0 ? rest : rest[..queryAt];
        var pathAt = location.IndexOf('/', StringComparison.Ordinal);
        var authority = pathAt < 0 ? location : location[..pathAt];
        var export = pathAt < 0 ? "" : Uri.UnescapeDataString(location[(pathAt + 1)..]);
        return scheme switch
        {
            "nbd" or "nbd+tcp" when query.Length == 0 => WithExport(Inet(authority), export),
            "nbd+unix" when authority.Length == 0 && query.StartsWith("socket=", StringComparison.Ordinal) => WithExport(
                Unix(Uri.UnescapeDataString(query["socket=".Length..])),
                export
            ),
            _ => throw NoUri(),
        };
    }

    private static JsonObject Inet(string authority)
    {
        var hostEnd = authority.StartsWith('[') ? authority.IndexOf(']', StringComparison.Ordinal) + 1 : 0;
        var colon = authority.IndexOf(':', hostEnd);
        var host = Uri.UnescapeDataString(colon < 0 ? authority : authority[..colon]).Trim('[', ']');
        var port = colon < 0 ? DefaultPort : authority[(colon + 1)..];
        if (host.Length == 0 || !ushort.TryParse(port, out _))
        {
            throw NoUri();
        }
        return Inet(host, port);
    }

    private static JsonObject ParseOldForm(string filename)
    {
        var rest = filename["nbd:".Length..];
        var export = "";
        if (rest.IndexOf(ExportMarker, StringComparison.Ordinal) is >= 0 and var marker)
        {
            export = rest[(marker + ExportMarker.Length)..];
            rest = rest[..marker];
            if (export.Length == 0)
            {
                throw new BlockException(BlockErrorKind.InvalidOptions, "No export name given behind 'exportname='");
            }
        }
        if (rest.Length == 0)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "NBD server address missing");
        }
        if (rest.StartsWith("unix:", StringComparison.Ordinal))
        {
            return WithExport(Unix(rest["unix:".Length..]), export);
        }
        var colon = rest.LastIndexOf(':');
        return colon <= 0
            ? throw new BlockException(BlockErrorKind.InvalidOptions, $"error parsing address '{rest}'")
            : WithExport(Inet(rest[..colon].Trim('[', ']'), rest[(colon + 1)..]), export);
    }

    private static JsonObject Inet(string host, string port) =>
        new()
        {
            ["type"] = "inet",
            ["host"] = host,
            ["port"] = port,
        };

    private static JsonObject Unix(string path) =>
        path.Length == 0
            ? throw new BlockException(BlockErrorKind.InvalidOptions, "NBD server address missing")
            : new JsonObject { ["type"] = "unix", ["path"] = path };

    private static JsonObject WithExport(JsonObject server, string export)
    {
        var options = new JsonObject { ["server"] = server };
        if (export.Length > 0)
        {
            options["export"] = export;
        }
        return options;
    }

    private static BlockException NoUri() => new(BlockErrorKind.InvalidOptions, "No valid URL specified");
}
