using System.Globalization;
using System.Runtime.InteropServices;

namespace Tidemark.Core.Json;

/// <summary>Builds a value from the tokens of one message. Its depth is bounded by whoever collected the tokens.</summary>
internal ref struct JsonTreeReader
{
    private readonly ReadOnlySpan<JsonToken> tokens;
    private readonly ReadOnlySpan<byte> text;
    private int next;

    private JsonTreeReader(ReadOnlySpan<JsonToken> tokens, ReadOnlySpan<byte> text)
    {
        this.tokens = tokens;
        this.text = text;
    }

    /// <summary>The value that the tokens make; throws <see cref="JsonParseException"/>.</summary>
    public static JsonValue Read(List<JsonToken> tokens, ReadOnlySpan<byte> text)
    {
        var reader = new JsonTreeReader(CollectionsMarshal.AsSpan(tokens), text);
        return reader.ReadValue();
    }

    private JsonValue ReadValue()
    {
        var token = Take();
        switch (token.Kind)
        {
            case JsonTokenKind.LeftBrace:
                return ReadObject();
            case JsonTokenKind.LeftBracket:
                return ReadArray();
            case JsonTokenKind.String:
                return new JsonString(JsonText.Decode(Characters(token)));
            case JsonTokenKind.Integer:
                return ReadInteger(Characters(token));
            case JsonTokenKind.Float:
                return new JsonNumber(double.Parse(Characters(token), NumberStyles.Float, CultureInfo.InvariantCulture));
            case JsonTokenKind.Keyword:
                return ReadKeyword(Characters(token));
            default:
                throw Error("expecting value");
        }
    }

    private JsonObject ReadObject()
    {
        var result = new JsonObject();
        if (Peek().Kind == JsonTokenKind.RightBrace)
        {
            next++;
            return result;
        }
        ReadMember(result);
        while (true)
        {
            var separator = Take();
            if (separator.Kind == JsonTokenKind.RightBrace)
            {
                return result;
            }
            if (separator.Kind != JsonTokenKind.Comma)
            {
                throw Error("expected separator in dict");
            }
            ReadMember(result);
        }
    }

    private void ReadMember(JsonObject target)
    {
        var name = ReadValue() as JsonString ?? throw Error("key is not a string in object");
        if (Take().Kind != JsonTokenKind.Colon)
        {
            throw Error("missing : in object pair");
        }
        var value = ReadValue();
        if (!target.TryAdd(name.Value, value))
        {
            throw Error("duplicate key");
        }
    }

    private JsonArray ReadArray()
    {
        var result = new JsonArray();
        if (Peek().Kind == JsonTokenKind.RightBracket)
        {
            next++;
            return result;
        }
        result.Add(ReadValue());
        while (true)
        {
            var separator = Take();
            if (separator.Kind == JsonTokenKind.RightBracket)
            {
                return result;
            }
            if (separator.Kind != JsonTokenKind.Comma)
            {
                throw Error("expected separator in list");
            }
            result.Add(ReadValue());
        }
    }

    private static JsonNumber ReadInteger(ReadOnlySpan<byte> characters)
    {
        if (long.TryParse(characters, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var signed))
        {
            return new JsonNumber(signed);
        }
        if (ulong.TryParse(characters, NumberStyles.None, CultureInfo.InvariantCulture, out var unsigned))
        {
            return new JsonNumber(unsigned);
        }
        return new JsonNumber(double.Parse(characters, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    private static JsonValue ReadKeyword(ReadOnlySpan<byte> characters)
    {
        if (characters.SequenceEqual("true"u8))
        {
            return JsonBool.True;
        }
        if (characters.SequenceEqual("false"u8))
        {
            return JsonBool.False;
        }
        if (characters.SequenceEqual("null"u8))
        {
            return JsonNull.Instance;
        }
        throw Error($"invalid keyword '{JsonText.ForMessage(characters)}'");
    }

    private static JsonParseException Error(string what) => new($"JSON parse error, {what}");

    private readonly ReadOnlySpan<byte> Characters(JsonToken token) => text.Slice(token.Start, token.Length);

    private readonly JsonToken Peek() => next < tokens.Length ? tokens[next] : throw Error("premature EOI");

    private JsonToken Take()
    {
        var token = Peek();
        next++;
        return token;
    }
}
