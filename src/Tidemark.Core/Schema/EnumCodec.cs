using System.Runtime.CompilerServices;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>
/// One of <paramref name="words"/>, in the order of the values 0, 1, 2 … of <typeparamref name="T"/>, an enum of int. Plain
/// loops over an array of strings: code over an enum of its own is compiled while a command waits for it.
/// </summary>
public sealed class EnumCodec<T>(string name, string[] words) : SchemaCodec<T>
    where T : struct, Enum
{
    private SchemaType? type;

    /// <summary>The words, in the order of the values.</summary>
    public IReadOnlyList<string> Words => words;

    /// <inheritdoc/>
    public override JsonKind WireKind => JsonKind.String;

    /// <inheritdoc/>
    public override SchemaType Describe(SchemaDefinitions definitions) => type ??= new SchemaType.Enumeration(name, words);

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
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == word)
            {
                value = Unsafe.BitCast<int, T>(i);
                return true;
            }
        }
        value = default;
        return false;
    }

    /// <summary>The word of <paramref name="value"/>.</summary>
    public string Format(T value)
    {
        var index = Unsafe.BitCast<T, int>(value);
        Invariant.That((uint)index < (uint)words.Length, "every value of the enum has a word");
        return words[index];
    }
}
