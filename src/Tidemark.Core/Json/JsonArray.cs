using System.Collections;

namespace Tidemark.Core.Json;

/// <summary>A list of values.</summary>
public sealed class JsonArray : JsonValue, IReadOnlyList<JsonValue>
{
    private readonly List<JsonValue> items;

    /// <summary>An empty list.</summary>
    public JsonArray() => items = [];

    /// <summary>A list of <paramref name="values"/>, in that order.</summary>
    public JsonArray(IEnumerable<JsonValue> values) => items = [.. values];

    /// <inheritdoc/>
    public override JsonKind Kind => JsonKind.Array;

    /// <summary>Number of values.</summary>
    public int Count => items.Count;

    /// <summary>The value at <paramref name="index"/>, from 0.</summary>
    public JsonValue this[int index]
    {
        get => items[index];
        set => items[index] = value;
    }

    /// <summary>Adds a value at the end.</summary>
    public void Add(JsonValue value) => items.Add(value);

    /// <inheritdoc/>
    public override JsonArray DeepClone()
    {
        var copy = new JsonArray();
        copy.items.Capacity = items.Count;
        foreach (var item in items)
        {
            copy.items.Add(item.DeepClone());
        }
        return copy;
    }

    /// <summary>The values, in order.</summary>
    public List<JsonValue>.Enumerator GetEnumerator() => items.GetEnumerator();

    IEnumerator<JsonValue> IEnumerable<JsonValue>.GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();
}
