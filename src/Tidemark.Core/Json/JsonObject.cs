using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Tidemark.Core.Json;

/// <summary>
/// Members by name, each name once, in the order in which they were first set. The parser refuses a name given twice; setting
/// one in code replaces its value and keeps its place.
/// </summary>
public sealed class JsonObject : JsonValue, IEnumerable<KeyValuePair<string, JsonValue>>
{
    private readonly OrderedDictionary<string, JsonValue> members;

    /// <summary>An object without members.</summary>
    public JsonObject() => members = new(StringComparer.Ordinal);

    private JsonObject(OrderedDictionary<string, JsonValue> members) => this.members = members;

    /// <inheritdoc/>
    public override JsonKind Kind => JsonKind.Object;

    /// <summary>Number of members.</summary>
    public int Count => members.Count;

    /// <summary>The names, in order.</summary>
    public IReadOnlyList<string> Names => members.Keys;

    /// <summary>The member <paramref name="name"/>; reading one that is not there throws <see cref="KeyNotFoundException"/>.</summary>
    public JsonValue this[string name]
    {
        get => members[name];
        set => members[name] = value;
    }

    /// <summary>The member <paramref name="name"/>, if there is one.</summary>
    public bool TryGetValue(string name, [MaybeNullWhen(false)] out JsonValue value) => members.TryGetValue(name, out value);

    /// <summary>The text of the member <paramref name="name"/>, or null if there is none or it is no string.</summary>
    public string? GetString(string name) => members.TryGetValue(name, out var value) ? (value as JsonString)?.Value : null;

    /// <summary>Whether there is a member <paramref name="name"/>.</summary>
    public bool ContainsKey(string name) => members.ContainsKey(name);

    /// <summary>Adds a member at the end; false, with nothing changed, if the name is taken.</summary>
    public bool TryAdd(string name, JsonValue value) => members.TryAdd(name, value);

    /// <summary>Adds or replaces a member, so that an object can be written as an initializer.</summary>
    public void Add(string name, JsonValue value) => members[name] = value;

    /// <summary>Takes a member out; false if there is none of that name.</summary>
    public bool Remove(string name) => members.Remove(name);

    /// <summary>Takes a member out and hands it over.</summary>
    public bool Remove(string name, [MaybeNullWhen(false)] out JsonValue value) => members.Remove(name, out value);

    /// <inheritdoc/>
    public override JsonObject DeepClone()
    {
        var copy = new OrderedDictionary<string, JsonValue>(members.Count, StringComparer.Ordinal);
        foreach (var (name, value) in members)
        {
            copy.Add(name, value.DeepClone());
        }
        return new JsonObject(copy);
    }

    /// <summary>The members, in order.</summary>
    public OrderedDictionary<string, JsonValue>.Enumerator GetEnumerator() => members.GetEnumerator();

    IEnumerator<KeyValuePair<string, JsonValue>> IEnumerable<KeyValuePair<string, JsonValue>>.GetEnumerator() =>
        members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => members.GetEnumerator();
}
