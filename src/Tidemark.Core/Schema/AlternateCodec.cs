using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>A choice among types by the kind of JSON value; the generator derives from it for alternates.</summary>
public abstract class AlternateCodec<T>(string name) : SchemaCodec<T>
{
    private SchemaType? type;

    /// <inheritdoc/>
    public override JsonKind WireKind => JsonKind.Object;

    /// <inheritdoc/>
    public override bool AcceptsNull => Choices.Any(choice => choice.AcceptsNull);

    /// <summary>The types to choose from, each of another kind.</summary>
    protected abstract IReadOnlyList<SchemaCodec> Choices { get; }

    /// <inheritdoc/>
    public override SchemaType Describe(SchemaDefinitions definitions) => type ??= new SchemaType.Alternative(name, Choices);

    /// <inheritdoc/>
    public override T Read(SchemaReader reader, JsonValue value)
    {
        var choices = Choices;
        for (var i = 0; i < choices.Count; i++)
        {
            if (choices[i].WireKind == value.Kind)
            {
                return ReadChoice(i, reader, value);
            }
        }
        // In option strings every scalar is a string, whatever it stands for.
        for (var i = 0; i < choices.Count && value is JsonString && reader.Mode != SchemaMode.Strict; i++)
        {
            if (choices[i].WireKind is JsonKind.Number or JsonKind.Bool)
            {
                return ReadChoice(i, reader, value);
            }
        }
        throw reader.WrongAlternate(name);
    }

    /// <summary>Reads <paramref name="value"/> as choice number <paramref name="choice"/>.</summary>
    protected abstract T ReadChoice(int choice, SchemaReader reader, JsonValue value);

    /// <summary>What a value none of whose choices is set means: a bug of ours.</summary>
    protected static Exception NothingChosen() => Invariant.Unreachable("one choice of an alternate is set");
}
