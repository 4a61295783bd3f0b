using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>A string out of a list known at start-up; describes a union's discriminator.</summary>
public sealed class TagCodec(string name, IReadOnlyList<string> tags) : SchemaCodec<string>
{
    private readonly SchemaType type = new SchemaType.Enumeration(name, tags);

    /// <inheritdoc/>
    public override JsonKind WireKind => JsonKind.String;

    /// <inheritdoc/>
    public override SchemaType Describe(SchemaDefinitions definitions) => type;

    /// <inheritdoc/>
    public override string Read(SchemaReader reader, JsonValue value)
    {
        var text = (value as JsonString)?.Value ?? throw reader.WrongType("string");
        return tags.Contains(text, StringComparer.Ordinal) ? text : throw reader.NotAccepted(text);
    }

    /// <inheritdoc/>
    public override JsonValue Write(string value) => new JsonString(value);
}
