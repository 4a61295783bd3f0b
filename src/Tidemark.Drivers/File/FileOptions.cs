using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Drivers.File;

internal sealed record FileOptions(string Filename, string Locking, string Aio)
{
    public static FileOptions Parse(JsonObject options)
    {
        var reader = new OptionReader(options);
        var result = new FileOptions(
            reader.RequiredText("filename"),
            reader.Text("locking") ?? "auto",
            reader.Text("aio") ?? "threads"
        );
        reader.End();
        Require("locking", result.Locking, "auto", "on", "off");
        Require("aio", result.Aio, "threads", "native", "io_uring");
        return result;
    }

    private static void Require(string key, string value, params string[] accepted)
    {
        if (!accepted.Contains(value, StringComparer.Ordinal))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"Parameter '{key}' does not accept value '{value}'");
        }
    }
}
