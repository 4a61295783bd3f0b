using Tidemark.Block.Contract;
using Tidemark.Cli.Options;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Io;

/// <summary>How an image is opened: what qemu-io's own options and its command "open" have in common.</summary>
internal sealed record IoOpen
{
    /// <summary>-r.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>-s: writes go to a temporary file.</summary>
    public bool Snapshot { get; init; }

    /// <summary>-U.</summary>
    public bool ForceShare { get; init; }

    /// <summary>-C.</summary>
    public bool CopyOnRead { get; init; }

    /// <summary>-t, or none by -n; by default each write is flushed before it ends, as with the reference.</summary>
    public CacheMode Cache { get; init; }

    /// <summary>-d: "unmap" or "ignore".</summary>
    public string Discard { get; init; } = "unmap";

    /// <summary>-i, or native by -k: what a file is asked to use, null for its own choice.</summary>
    public string? Aio { get; init; }

    /// <summary>-f.</summary>
    public string? Format { get; init; }

    /// <summary>-o, or the file name itself with --image-opts.</summary>
    public JsonObject? Options { get; init; }

    /// <summary>Reads the letters r, s, U, C, n, t, d, k and i; throws <see cref="CommandException"/> with what is wrong.</summary>
    public static IoOpen Read(ParsedOptions options, Func<string, string> key)
    {
        var cache = "writethrough";
        foreach (var (name, value) in options.InOrder)
        {
            cache =
                name == key("t") ? value
                : name == key("n") ? "none"
                : cache;
        }
        return new IoOpen
        {
            ReadOnly = options.Has(key("r")),
            Snapshot = options.Has(key("s")),
            ForceShare = options.Has(key("U")),
            CopyOnRead = options.Has(key("C")),
            Cache = CacheMode.Find(cache) ?? throw new CommandException($"Invalid cache option: {cache}"),
            Discard = (options.Get(key("d")) ?? "unmap") switch
            {
                "unmap" or "on" => "unmap",
                "ignore" or "off" => "ignore",
                var other => throw new CommandException($"Invalid discard option: {other}"),
            },
            Aio = (options.Get(key("i")) ?? (options.Has(key("k")) ? "native" : null)) switch
            {
                null => null,
                "threads" or "native" or "io_uring" => options.Get(key("i")) ?? "native",
                var other => throw new CommandException($"Invalid aio option: {other}"),
            },
        };
    }
}
