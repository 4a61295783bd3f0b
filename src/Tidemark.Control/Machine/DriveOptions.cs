using System.Globalization;
using Tidemark.Block.Contract;
using Tidemark.Control.Objects;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Jobs;

namespace Tidemark.Control.Machine;

/// <summary>What -drive says: where the drive goes, how it treats requests, and which node is its medium.</summary>
internal sealed record DriveOptions
{
    private static readonly string[] Interfaces = ["none", "ide", "scsi", "floppy", "pflash", "mtd", "sd", "virtio", "xen"];

    // Bounds by their old names.
    private static readonly (string Old, string New)[] Aliases =
    [
        ("bps", "bps-total"),
        ("bps_rd", "bps-read"),
        ("bps_wr", "bps-write"),
        ("iops", "iops-total"),
        ("iops_rd", "iops-read"),
        ("iops_wr", "iops-write"),
        ("bps_max", "bps-total-max"),
        ("bps_rd_max", "bps-read-max"),
        ("bps_wr_max", "bps-write-max"),
        ("iops_max", "iops-total-max"),
        ("iops_rd_max", "iops-read-max"),
        ("iops_wr_max", "iops-write-max"),
        ("iops_size", "iops-size"),
        ("group", "group"),
    ];

    /// <summary>Its name, or null for one made from its place.</summary>
    public string? Id { get; private init; }

    /// <summary>Where it goes; null for where the machine puts disks.</summary>
    public string? Interface { get; private init; }

    /// <summary>Number of its bus, if given.</summary>
    public int? Bus { get; private init; }

    /// <summary>Its place there, if given.</summary>
    public int? Unit { get; private init; }

    /// <summary>Both in one number, if given.</summary>
    public int? Index { get; private init; }

    /// <summary>Whether it is for compact disks.</summary>
    public bool IsCompact { get; private init; }

    /// <summary>Whether its medium is read only.</summary>
    public bool IsReadOnly { get; private init; }

    /// <summary>Whether what is written is lost in the end.</summary>
    public bool IsSnapshot { get; init; }

    /// <summary>Whether each write is durable before it ends.</summary>
    public bool WritesThrough { get; private init; }

    /// <summary>How the medium's file is to be read and written, if given.</summary>
    public string? Aio { get; private init; }

    /// <summary>Whether what is read from below is kept in the medium.</summary>
    public bool KeepsReads { get; private init; }

    /// <summary>What becomes of failed writes, if given.</summary>
    public JobErrorPolicy? WriteError { get; private init; }

    /// <summary>What becomes of failed reads, if given.</summary>
    public JobErrorPolicy? ReadError { get; private init; }

    /// <summary>Bounds of its requests.</summary>
    public ThrottleLimits Limits { get; private init; } = new();

    /// <summary>With whom it shares them, or null.</summary>
    public string? ThrottleGroup { get; private init; }

    /// <summary>Seconds of the intervals by which it measures itself.</summary>
    public IReadOnlyList<int> StatsIntervals { get; private init; } = [];

    /// <summary>Whether refused requests count in the times that it measures.</summary>
    public bool CountsInvalid { get; private init; } = true;

    /// <summary>Whether failed ones do.</summary>
    public bool CountsFailed { get; private init; } = true;

    /// <summary>Name of its medium's file, or null.</summary>
    public string? Filename { get; private init; }

    /// <summary>Its format, or null.</summary>
    public string? Format { get; private init; }

    /// <summary>Whether there is no medium.</summary>
    public bool IsEmpty { get; private init; }

    /// <summary>All else about the medium's node.</summary>
    public required JsonObject Node { get; init; }

    /// <summary>
    /// Reads them. Throws <see cref="BlockException"/> in the reference's words.
    /// </summary>
    /// <param name="options">The options; used up.</param>
    public static DriveOptions Read(JsonObject options)
    {
        RenameAliases(options);
        var (bus, unit, index) = (TakeNumber(options, "bus"), TakeNumber(options, "unit"), TakeNumber(options, "index"));
        if (index is not null && (bus is not null || unit is not null))
        {
            throw Refuse("index cannot be used with bus and unit");
        }
        var media = TakeWord(options, "media", "invalid media", "disk", "cdrom");
        var where = Take(options, "if");
        if (where is not null && !Interfaces.Contains(where, StringComparer.Ordinal))
        {
            throw Refuse($"unsupported bus type '{where}'");
        }
        if (options.ContainsKey("format") && options.ContainsKey("driver"))
        {
            throw Refuse("Cannot specify both 'driver' and 'format'");
        }
        var throttling = TakeThrottling(options, out var group);
        var isReadOnly = TakeFlag(options, "read-only") ?? false;
        var read = new DriveOptions
        {
            Id = TakeId(options),
            Interface = where,
            Bus = bus,
            Unit = unit,
            Index = index,
            IsCompact = media == "cdrom",
            IsReadOnly = isReadOnly || media == "cdrom",
            IsSnapshot = TakeFlag(options, "snapshot") ?? false,
            KeepsReads = TakeFlag(options, "copy-on-read") ?? false,
            WriteError = TakePolicy(options, where, "werror", "write", "report", "ignore", "enospc", "stop"),
            ReadError = TakePolicy(options, where, "rerror", "read", "report", "ignore", "stop"),
            Limits = throttling,
            ThrottleGroup = group,
            StatsIntervals = TakeIntervals(options),
            CountsInvalid = TakeFlag(options, "stats-account-invalid") ?? true,
            CountsFailed = TakeFlag(options, "stats-account-failed") ?? true,
            Aio = TakeWord(options, "aio", "", "threads", "native", "io_uring"),
            WritesThrough = TakeCache(options, out var cache),
            Node = options,
        };
        var discard = TakeDiscard(options);
        var detectZeroes = TakeDetectZeroes(options);
        var filename = options.GetString("file") is { } name && options.Remove("file") ? name : null;
        read = read with
        {
            IsEmpty = string.IsNullOrEmpty(filename) && options.Count == 0,
            Filename = string.IsNullOrEmpty(filename) ? null : filename,
            Format = Take(options, "format") ?? Take(options, "driver"),
        };
        if (read is { Aio: "native", Filename: not null } && !IsDirect(cache))
        {
            throw Refuse("aio=native was specified, but it requires cache.direct=on, which was not specified.");
        }
        options["read-only"] = read.IsReadOnly;
        Put("cache", cache);
        Put("discard", discard);
        Put("detect-zeroes", detectZeroes);
        return read;

        void Put(string member, JsonValue? value)
        {
            if (value is not null)
            {
                options[member] = value;
            }
        }
    }

    private static void RenameAliases(JsonObject options)
    {
        if (options.TryGetValue("readonly", out var readOnly))
        {
            _ = options.Remove("readonly");
            if (!options.TryAdd("read-only", readOnly))
            {
                throw Refuse("'read-only' and its alias 'readonly' can't be used at the same time");
            }
        }
        foreach (var (old, name) in Aliases)
        {
            if (!options.Remove(old, out var value))
            {
                continue;
            }
            var throttling = options.TryGetValue("throttling", out var there) ? (JsonObject)there : [];
            options["throttling"] = throttling;
            if (!throttling.TryAdd(name, value))
            {
                throw Refuse($"'throttling.{name}' and its alias '{old}' can't be used at the same time");
            }
        }
    }

    private static ThrottleLimits TakeThrottling(JsonObject options, out string? group)
    {
        group = null;
        if (!options.Remove("throttling", out var given) || given is not JsonObject throttling)
        {
            return new();
        }
        group = Take(throttling, "group");
        foreach (var (name, value) in throttling)
        {
            if (!long.TryParse((value as JsonString)?.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _))
            {
                throw Refuse($"Parameter 'throttling.{name}' expects a number");
            }
        }
        return ThrottleLimits.Codec.Parse(throttling, SchemaMode.Keyval);
    }

    private static string? TakeId(JsonObject options)
    {
        var id = Take(options, "id");
        return id is null || Identifier.IsWellFormed(id)
            ? id
            : throw new BlockException(BlockErrorKind.InvalidOptions, "Parameter 'id' expects an identifier")
            {
                Hint = Identifier.Rule,
            };
    }

    private static JobErrorPolicy? TakePolicy(JsonObject options, string? where, string name, string verb, params string[] words)
    {
        if (Take(options, name) is not { } word)
        {
            return null;
        }
        if (where is not (null or "none" or "ide" or "virtio" or "scsi"))
        {
            throw Refuse($"{name} is not supported by this bus type");
        }
        return words.Contains(word, StringComparer.Ordinal)
            ? JobErrorPolicyWords.Codec.Parse(new JsonString(word))
            : throw Refuse($"'{word}' invalid {verb} error action");
    }

    private static IReadOnlyList<int> TakeIntervals(JsonObject options)
    {
        if (!options.Remove("stats-intervals", out var given))
        {
            return [];
        }
        var texts = given is JsonArray list ? list.Select(static v => (v as JsonString)?.Value) : [(given as JsonString)?.Value];
        return
        [
            .. texts.Select(static text =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
                    ? seconds
                    : throw Refuse("Invalid interval length")
            ),
        ];
    }

    // Whether writes go through; what is left is the node's business.
    private static bool TakeCache(JsonObject options, out JsonObject? cache)
    {
        cache = options.TryGetValue("cache", out var given) ? given as JsonObject : null;
        _ = options.Remove("cache");
        if (given is JsonString name)
        {
            var mode = CacheMode.Find(name.Value) ?? throw Refuse("invalid cache option");
            var holder = new JsonObject();
            mode.AddTo(holder);
            cache = holder.TryGetValue("cache", out var members) ? (JsonObject)members : null;
            return mode.WriteThrough;
        }
        return cache is not null && TakeFlag(cache, "writeback") == false;
    }

    private static bool IsDirect(JsonObject? cache) =>
        cache is not null
        && cache.TryGetValue("direct", out var direct)
        && direct is JsonString { Value: "on" } or JsonBool { Value: true };

    private static JsonString? TakeDiscard(JsonObject options) =>
        Take(options, "discard") switch
        {
            null => null,
            "ignore" or "off" => new JsonString("ignore"),
            "unmap" or "on" => new JsonString("unmap"),
            _ => throw Refuse("Invalid discard option"),
        };

    private static JsonString? TakeDetectZeroes(JsonObject options) =>
        Take(options, "detect-zeroes") switch
        {
            null => null,
            var word when word is "off" or "on" or "unmap" => new JsonString(word),
            var other => throw Refuse($"invalid parameter value: {other}"),
        };

    private static string? TakeWord(JsonObject options, string name, string complaint, params string[] words) =>
        Take(options, name) switch
        {
            null => null,
            var word when words.Contains(word, StringComparer.Ordinal) => word,
            var other => throw Refuse(complaint.Length > 0 ? $"'{other}' {complaint}" : $"invalid {name} option"),
        };

    private static int? TakeNumber(JsonObject options, string name) =>
        Take(options, name) switch
        {
            null => null,
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw Refuse($"Parameter '{name}' expects a number"),
        };

    private static bool? TakeFlag(JsonObject options, string name) =>
        Take(options, name) switch
        {
            null => null,
            "on" => true,
            "off" => false,
            _ => throw Refuse($"Parameter '{name}' expects 'on' or 'off'"),
        };

    private static string? Take(JsonObject options, string name)
    {
        var value = options.GetString(name);
        _ = options.Remove(name);
        return value;
    }

    private static BlockException Refuse(string text) => new(BlockErrorKind.InvalidOptions, text);
}
