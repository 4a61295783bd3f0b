using System.Globalization;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>
/// Reads <c>key=value,…</c> options into an object whose scalars are strings. Dots in keys make objects (<c>cache.direct=on</c>)
/// and lists (<c>children.0.driver=raw</c>), <c>,,</c> in a value is a comma, a key given twice holds the last value. The first value
/// may go without its key where one is implied (<c>null-co,node-name=a</c>).
/// </summary>
public static class KeyvalParser
{
    /// <summary>Longest part of a key, characters, as with the reference.</summary>
    private const int LongestName = 127;

    /// <summary>Deepest key: far beyond any schema, and no strain on the stack.</summary>
    private const int DeepestKey = 64;

    /// <summary>
    /// The options in <paramref name="text"/>. Throws <see cref="BlockException"/> of kind InvalidOptions with the reference's text.
    /// </summary>
    /// <param name="text">The whole option argument.</param>
    /// <param name="impliedKey">Key of a first value without one, or null if there must be a key.</param>
    public static JsonObject Parse(string text, string? impliedKey = null) => Parse(text, impliedKey, out _);

    /// <summary>As <see cref="Parse(string, string?)"/>; tells by <paramref name="help"/> whether "help" or "?" stood among the options.</summary>
    public static JsonObject Parse(string text, string? impliedKey, out bool help)
    {
        var root = new JsonObject();
        help = false;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            rest = ParseOne(rest, impliedKey, root, ref help);
            impliedKey = null;
        }
        return (JsonObject)WithLists(root, "");
    }

    /// <summary>
    /// A JSON object if <paramref name="text"/> begins with a brace (to be read strictly), otherwise options as
    /// <see cref="Parse(string, string?)"/> reads them.
    /// </summary>
    public static (JsonObject Options, SchemaMode Mode) ParseEither(string text, string? impliedKey = null)
    {
        if (!text.StartsWith('{'))
        {
            return (Parse(text, impliedKey), SchemaMode.Keyval);
        }
        try
        {
            return ((JsonObject)JsonValue.Parse(text), SchemaMode.Strict);
        }
        catch (JsonParseException e)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, e.Message, e);
        }
    }

    private static ReadOnlySpan<char> ParseOne(ReadOnlySpan<char> rest, string? impliedKey, JsonObject root, scoped ref bool help)
    {
        var stop = rest.IndexOfAny('=', ',');
        var head = stop < 0 ? rest : rest[..stop];
        if (stop >= 0 && rest[stop] == '=')
        {
            var value = TakeValue(rest[(stop + 1)..], out var behind);
            Set(root, head.ToString(), value);
            return behind;
        }
        var after = stop < 0 ? default : rest[(stop + 1)..];
        if (head is "help" or "?")
        {
            help = true;
        }
        else if (head.IsEmpty)
        {
            throw Error("Invalid parameter ''");
        }
        else if (impliedKey is not null)
        {
            Set(root, impliedKey, head.ToString());
        }
        else
        {
            throw Error($"Expected '=' after parameter '{head}'");
        }
        return after;
    }

    /// <summary>The value up to a comma that is not doubled.</summary>
    private static string TakeValue(ReadOnlySpan<char> rest, out ReadOnlySpan<char> behind)
    {
        var end = 0;
        while (end < rest.Length)
        {
            if (rest[end] != ',')
            {
                end++;
            }
            else if (end + 1 < rest.Length && rest[end + 1] == ',')
            {
                end += 2;
            }
            else
            {
                break;
            }
        }
        behind = end < rest.Length ? rest[(end + 1)..] : default;
        return rest[..end].ToString().Replace(",,", ",", StringComparison.Ordinal);
    }

    private static void Set(JsonObject root, string key, string value)
    {
        var parts = key.Split('.');
        if (parts.Length > DeepestKey)
        {
            throw Error($"Parameter '{key}' is nested too deeply");
        }
        foreach (var part in parts)
        {
            CheckName(key, part, isFirst: ReferenceEquals(part, parts[0]));
        }
        var node = root;
        for (var i = 0; i + 1 < parts.Length; i++)
        {
            if (!node.TryGetValue(parts[i], out var inner))
            {
                node[parts[i]] = inner = new JsonObject();
            }
            node = inner as JsonObject ?? throw Inconsistent(parts.AsSpan(0, i + 1));
        }
        if (node.TryGetValue(parts[^1], out var old) && old is JsonObject)
        {
            throw Inconsistent(parts);
        }
        node[parts[^1]] = new JsonString(value);
    }

    private static void CheckName(string key, string part, bool isFirst)
    {
        var isIndex = !isFirst && part.Length > 0 && !part.AsSpan().ContainsAnyExceptInRange('0', '9');
        if (!isIndex && !IsName(part))
        {
            throw Error($"Invalid parameter '{key}'");
        }
        if (part.Length > LongestName)
        {
            throw Error($"Parameter{(isIndex || key.Length > part.Length ? " fragment" : "")} '{part}' is too long");
        }
    }

    private static bool IsName(string part)
    {
        // "__com.example_x" style names of vendors do not occur in our schema; a leading letter is enough.
        if (part.Length == 0 || !char.IsAsciiLetter(part[0]))
        {
            return false;
        }
        foreach (var c in part)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Turns objects whose keys are all numbers into lists; the numbers must be 0, 1, 2 …</summary>
    private static JsonValue WithLists(JsonObject node, string path)
    {
        var indexes = 0;
        foreach (var name in node.Names)
        {
            indexes += char.IsAsciiDigit(name[0]) ? 1 : 0;
        }
        foreach (var name in node.Names.ToArray())
        {
            if (node[name] is JsonObject inner)
            {
                node[name] = WithLists(inner, path.Length == 0 ? name : $"{path}.{name}");
            }
        }
        if (indexes == 0)
        {
            return node;
        }
        if (indexes < node.Count)
        {
            throw Error($"Parameters '{path}.*' used inconsistently");
        }
        var list = new JsonArray();
        for (var i = 0; i < indexes; i++)
        {
            var name = i.ToString(CultureInfo.InvariantCulture);
            list.Add(node.TryGetValue(name, out var item) ? item : throw Error($"Parameter '{path}.{name}' missing"));
        }
        return list;
    }

    private static BlockException Inconsistent(ReadOnlySpan<string> parts) =>
        Error($"Parameters '{string.Join('.', parts)}.*' used inconsistently");

    private static BlockException Error(string text) => new(BlockErrorKind.InvalidOptions, text);
}
