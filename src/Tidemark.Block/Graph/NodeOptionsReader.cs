using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Graph;

/// <summary>
/// Takes the options that every node has out of blockdev-add's object, and fills in what a child has from its parent. Values
/// come typed from QMP, or as strings from command lines.
/// </summary>
internal static class NodeOptionsReader
{
    public static NodeOptions ForRoot(JsonObject options) =>
        Read(options, readOnly: false, autoReadOnly: false, null, DiscardMode.Ignore);

    public static NodeOptions ForChild(JsonObject options, DriverDefinition parentDriver, NodeOptions parent, ChildRole role)
    {
        // A backing file is for reading unless someone reopens it. Below a format discards are passed on: the format decides.
        var isCow = (role & ChildRole.Cow) != 0;
        var discard =
            isCow ? DiscardMode.Ignore
            : parentDriver.Kind == DriverKind.Filter ? parent.Discard
            : DiscardMode.Unmap;
        return Read(options, isCow || parent.ReadOnly, !isCow && parent.AutoReadOnly, parent, discard);
    }

    private static NodeOptions Read(
        JsonObject options,
        bool readOnly,
        bool autoReadOnly,
        NodeOptions? parent,
        DiscardMode discard
    )
    {
        var rest = options.DeepClone();
        var driver =
            TakeText(rest, "driver") ?? throw new BlockException(BlockErrorKind.InvalidOptions, "Parameter 'driver' is missing");
        var cache = TakeObject(rest, "cache");
        var result = new NodeOptions
        {
            Driver = driver,
            NodeName = TakeText(rest, "node-name"),
            ReadOnly = TakeFlag(rest, "read-only") ?? readOnly,
            AutoReadOnly = TakeFlag(rest, "auto-read-only") ?? autoReadOnly,
            CacheDirect = (cache is null ? null : TakeFlag(cache, "direct")) ?? parent?.CacheDirect ?? false,
            CacheNoFlush = (cache is null ? null : TakeFlag(cache, "no-flush")) ?? parent?.CacheNoFlush ?? false,
            Active = TakeFlag(rest, "active") ?? parent?.Active,
            ForceShare = TakeFlag(rest, "force-share") ?? parent?.ForceShare ?? false,
            Discard = TakeText(rest, "discard") switch
            {
                null => discard,
                "ignore" or "off" => DiscardMode.Ignore,
                "unmap" or "on" => DiscardMode.Unmap,
                var other => throw Invalid($"Parameter 'discard' does not accept value '{other}'"),
            },
            DetectZeroes = TakeText(rest, "detect-zeroes") switch
            {
                null or "off" => DetectZeroesMode.Off,
                "on" => DetectZeroesMode.On,
                "unmap" => DetectZeroesMode.Unmap,
                var other => throw Invalid($"Parameter 'detect-zeroes' does not accept value '{other}'"),
            },
            Explicit = options.DeepClone(),
            DriverOptions = rest,
        };
        if (result.ForceShare && !result.ReadOnly)
        {
            throw Invalid("force-share=on can only be used with read-only images");
        }
        if (result is { DetectZeroes: DetectZeroesMode.Unmap, Discard: DiscardMode.Ignore })
        {
            throw Invalid("setting detect-zeroes to unmap is not allowed without setting discard operation to unmap");
        }
        return result;
    }

    private static string? TakeText(JsonObject from, string key)
    {
        if (!from.TryGetValue(key, out var value))
        {
            return null;
        }
        _ = from.Remove(key);
        return value is JsonString text ? text.Value : throw Invalid($"Invalid parameter type for '{key}', expected: string");
    }

    private static JsonObject? TakeObject(JsonObject from, string key)
    {
        if (!from.TryGetValue(key, out var value))
        {
            return null;
        }
        _ = from.Remove(key);
        return value as JsonObject ?? throw Invalid($"Invalid parameter type for '{key}', expected: object");
    }

    private static bool? TakeFlag(JsonObject from, string key)
    {
        if (!from.TryGetValue(key, out var value))
        {
            return null;
        }
        _ = from.Remove(key);
        return value switch
        {
            JsonBool flag => flag.Value,
            JsonString { Value: "on" or "yes" or "true" or "y" } => true,
            JsonString { Value: "off" or "no" or "false" or "n" } => false,
            JsonString => throw Invalid($"Parameter '{key}' expects 'on' or 'off'"),
            _ => throw Invalid($"Invalid parameter type for '{key}', expected: boolean"),
        };
    }

    private static BlockException Invalid(string message) => new(BlockErrorKind.InvalidOptions, message);
}
