using System.Diagnostics.CodeAnalysis;
using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>
/// Reads an object's members, each asked for by name; <see cref="Close"/> refuses what nobody asked for. Several codecs may read
/// from one reader (what all nodes have, then what the driver adds) before it is closed.
/// </summary>
public sealed class ObjectReader
{
    private readonly List<string> taken = [];

    internal ObjectReader(SchemaReader reader, JsonObject source)
    {
        Reader = reader;
        Source = source;
    }

    /// <summary>The reading that this is part of.</summary>
    public SchemaReader Reader { get; }

    /// <summary>The object itself.</summary>
    public JsonObject Source { get; }

    /// <summary>A member that must be there. Throws "Parameter 'x' is missing".</summary>
    public T Required<T>(string name, SchemaCodec<T> codec)
    {
        if (!TryTake(name, codec, out var value))
        {
            throw Reader.Missing(name);
        }
        return Read(name, codec, value);
    }

    /// <summary>A member that may be left out, in which case it is <paramref name="fallback"/>.</summary>
    public T OptionalOr<T>(string name, SchemaCodec<T> codec, T fallback) =>
        TryTake(name, codec, out var value) ? Read(name, codec, value) : fallback;

    /// <summary>A member of a reference type that may be left out.</summary>
    public T? OptionalReference<T>(string name, SchemaCodec<T> codec)
        where T : class => TryTake(name, codec, out var value) ? Read(name, codec, value) : null;

    /// <summary>A member of a value type that may be left out.</summary>
    public T? OptionalValue<T>(string name, SchemaCodec<T> codec)
        where T : struct => TryTake(name, codec, out var value) ? Read(name, codec, value) : null;

    /// <summary>Marks a member as known, as if it had been read.</summary>
    public void Skip(string name)
    {
        if (Source.ContainsKey(name) && !taken.Contains(name))
        {
            taken.Add(name);
        }
    }

    /// <summary>Refuses members that nobody asked for: "Parameter 'x' is unexpected".</summary>
    public void Close()
    {
        if (taken.Count == Source.Count)
        {
            return;
        }
        foreach (var name in Source.Names)
        {
            if (!taken.Contains(name))
            {
                throw Reader.Unexpected(name, Source[name]);
            }
        }
    }

    private bool TryTake(string name, SchemaCodec codec, [MaybeNullWhen(false)] out JsonValue value)
    {
        Skip(name);
        // In block options written by hand a null counts as left out, unless it says something (no backing file).
        return Source.TryGetValue(name, out value)
            && (Reader.Mode != SchemaMode.Lenient || value is not JsonNull || codec.AcceptsNull);
    }

    private T Read<T>(string name, SchemaCodec<T> codec, JsonValue value)
    {
        Reader.Enter(name);
        var result = codec.Read(Reader, value);
        Reader.Leave();
        return result;
    }
}
