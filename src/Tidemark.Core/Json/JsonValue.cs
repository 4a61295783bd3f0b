using System.Buffers;
using System.Text;

namespace Tidemark.Core.Json;

/// <summary>
/// A JSON value in memory: what the wire, <c>json:</c> names and option strings are read into before a schema gives them a
/// type. Objects and arrays can be changed, the other kinds can't. Not for threads.
/// </summary>
public abstract class JsonValue
{
    private protected JsonValue() { }

    /// <summary>Which of the six kinds it is.</summary>
    public abstract JsonKind Kind { get; }

    /// <summary>
    /// Reads exactly one value. Throws <see cref="JsonParseException"/>, whose text is the reference's ("JSON parse error,
    /// expecting value", "Expecting at most one JSON value" …).
    /// </summary>
    public static JsonValue Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads exactly one value from UTF-8. Throws <see cref="JsonParseException"/>.</summary>
    public static JsonValue Parse(ReadOnlySpan<byte> utf8)
    {
        var parser = new JsonStreamParser(JsonLimits.Default);
        JsonValue? found = null;
        var ended = false;
        while (true)
        {
            JsonMessage message;
            if (!parser.TryRead(ref utf8, out message))
            {
                if (ended || !parser.TryReadEnd(out message))
                {
                    break;
                }
                ended = true;
            }
            if (found is not null)
            {
                throw new JsonParseException("Expecting at most one JSON value");
            }
            found = message.Value ?? throw new JsonParseException(message.Error ?? "");
        }
        return found ?? throw new JsonParseException("Expecting a JSON value");
    }

    /// <summary>The value as text: on one line as the reference writes it on the wire, or with line ends and four-space indents.</summary>
    public string ToJson(bool pretty = false)
    {
        var target = new ArrayBufferWriter<byte>();
        JsonWriter.Write(target, this, pretty);
        return Encoding.ASCII.GetString(target.WrittenSpan);
    }

    /// <summary>A copy that shares no object or array with this one.</summary>
    public abstract JsonValue DeepClone();

    /// <summary>
    /// Whether both hold the same: objects by their members in any order, numbers by value, whichever of the three forms they
    /// are in.
    /// </summary>
    public static bool DeepEquals(JsonValue? a, JsonValue? b) =>
        (a, b) switch
        {
            (null, null) => true,
            (JsonString x, JsonString y) => x.Value == y.Value,
            (JsonNumber x, JsonNumber y) => x.EqualsNumber(y),
            (JsonBool x, JsonBool y) => x.Value == y.Value,
            (JsonNull, JsonNull) => true,
            (JsonArray x, JsonArray y) => x.Count == y.Count && x.Zip(y).All(pair => DeepEquals(pair.First, pair.Second)),
            (JsonObject x, JsonObject y) => x.Count == y.Count
                && x.All(member => y.TryGetValue(member.Key, out var other) && DeepEquals(member.Value, other)),
            _ => false,
        };

    /// <inheritdoc/>
    public override string ToString() => ToJson();

    /// <summary>A string value.</summary>
    public static implicit operator JsonValue(string value) => new JsonString(value);

    /// <summary>An integer value.</summary>
    public static implicit operator JsonValue(int value) => new JsonNumber((long)value);

    /// <summary>An integer value.</summary>
    public static implicit operator JsonValue(long value) => new JsonNumber(value);

    /// <summary>An integer value, also above 2^63.</summary>
    public static implicit operator JsonValue(ulong value) => new JsonNumber(value);

    /// <summary>A floating-point value.</summary>
    public static implicit operator JsonValue(double value) => new JsonNumber(value);

    /// <summary>True or false.</summary>
    public static implicit operator JsonValue(bool value) => JsonBool.Of(value);
}
