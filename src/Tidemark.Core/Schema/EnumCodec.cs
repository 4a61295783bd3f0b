using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>One of the words that <paramref name="words"/> gives for the values of <typeparamref name="T"/>, in the enum's order.</summary>
public sealed class EnumCodec<T>(string name, IReadOnlyList<(string Word, T Value)> words) : SchemaCodec<T>
    where T : struct, Enum
{
    private readonly SchemaType type = new SchemaType.Enumeration(name, [.. words.Select(pair => pair.Word)]);

    /// <inheritdoc/>
    public override JsonKind WireKind => JsonKind.String;

    /// <inheritdoc/>
    public override SchemaType Describe(SchemaDefinitions definitions) => type;

    /// <inheritdoc/>
    public override T Read(SchemaReader reader, JsonValue value)
    {
        var text = (value as JsonString)?.Value ?? throw reader.WrongType("string");
        return TryParse(text, out var parsed) ? parsed : throw reader.NotAccepted(text);
    }

    /// <inheritdoc/>
    public override JsonValue Write(T value) => new JsonString(Format(value));

    /// <summary>The value that <paramref name="word"/> stands for.</summary>
    public bool TryParse(string word, out T value)
    {
        foreach (var (known, itsValue) in words)
        {
            if (known == word)
            {
                value = itsValue;
                return true;
            }
        }
        value = default;
        return false;
    }

    /// <summary>The word of <paramref name="value"/>.</summary>
    public string Format(T value)
    {
        foreach (var (word, known) in words)
        {
            if (EqualityComparer<T>.Default.Equals(known, value))
            {
                return word;
            }
        }
        throw Invariant.Unreachable("every value of the enum has a word");
    }
}
