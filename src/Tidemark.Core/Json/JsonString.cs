namespace Tidemark.Core.Json;

/// <summary>A string. One that was parsed is well-formed Unicode and may hold U+0000.</summary>
public sealed class JsonString(string value) : JsonValue
{
    /// <inheritdoc/>
    public override JsonKind Kind => JsonKind.String;

    /// <summary>The text.</summary>
    public string Value { get; } = value;

    /// <inheritdoc/>
    public override JsonValue DeepClone() => this;
}
