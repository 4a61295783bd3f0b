using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Qcow2.Create;

internal sealed partial record Qcow2CreateOptions
{
    private static readonly (string CommandLine, string Wire)[] Renamed =
    [
        ("compat", "version"),
        ("backing_file", "backing-file"),
        ("backing_fmt", "backing-fmt"),
        ("cluster_size", "cluster-size"),
        ("lazy_refcounts", "lazy-refcounts"),
        ("refcount_bits", "refcount-bits"),
        ("data_file", "data-file"),
        ("data_file_raw", "data-file-raw"),
        ("extended_l2", "extended-l2"),
        ("compression_type", "compression-type"),
    ];

    /// <summary>From "-o" options of a command line, for an image in the file that <paramref name="file"/> describes. Throws <see cref="BlockException"/>.</summary>
    public static Qcow2CreateOptions FromCommandLine(JsonObject options, JsonObject file)
    {
        var described = new JsonObject { ["file"] = file };
        foreach (var (key, value) in options)
        {
            if (key == "encryption" && value is JsonString { Value: "off" } or JsonBool { Value: false })
            {
                continue;
            }
            if (key.StartsWith("encrypt", StringComparison.Ordinal))
            {
                throw Unsupported("Encrypted images are not supported");
            }
            var wire = Array.Find(Renamed, r => r.CommandLine == key).Wire ?? key;
            described[wire] = wire == "version" && value is JsonString compat ? VersionOf(compat.Value) : value;
        }
        var result = Codec.Parse(described, SchemaMode.Lenient);
        // The command line rounds up what QMP refuses.
        return result.Size <= long.MaxValue - 511 ? result with { Size = (result.Size + 511) & ~511UL } : result;
    }

    private static string VersionOf(string compat) =>
        compat switch
        {
            "0.10" => "v2",
            "1.1" => "v3",
            _ => compat,
        };
}
