using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Drivers.File;

internal sealed record FileCreateOptions(string Filename, long SizeBytes, PreallocationMode Preallocation)
{
    public static FileCreateOptions Parse(JsonObject options)
    {
        var reader = new OptionReader(options);
        var result = new FileCreateOptions(
            reader.RequiredText("filename"),
            reader.Number("size") ?? throw new BlockException(BlockErrorKind.InvalidOptions, "Parameter 'size' is missing"),
            ParsePreallocation(reader.Text("preallocation"))
        );
        if (reader.Flag("nocow") == true || reader.Number("extent-size-hint") is > 0)
        {
            throw new BlockException(
                BlockErrorKind.NotSupported,
                "'nocow' and 'extent-size-hint' are not supported for this file"
            );
        }
        reader.End();
        return result;
    }

    public static FileCreateOptions FromCommandLine(string filename, JsonObject options)
    {
        var described = new JsonObject();
        foreach (var (key, value) in options)
        {
            described[key == "extent_size_hint" ? "extent-size-hint" : key] = value;
        }
        described["filename"] = new JsonString(filename.StartsWith("file:", StringComparison.Ordinal) ? filename[5..] : filename);
        return Parse(described);
    }

    private static PreallocationMode ParsePreallocation(string? mode) =>
        mode switch
        {
            null or "off" => PreallocationMode.Off,
            "falloc" => PreallocationMode.Falloc,
            "full" => PreallocationMode.Full,
            "metadata" => PreallocationMode.Metadata,
            _ => throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"Parameter 'preallocation' does not accept value '{mode}'"
            ),
        };
}
