namespace Tidemark.Core.Json;

/// <summary>null, which is not the same as a member left out.</summary>
public sealed class JsonNull : JsonValue
{
    /// <summary>The only one.</summary>
    public static readonly JsonNull Instance = new();

    private JsonNull() { }

    /// <inheritdoc/>
    public override JsonKind Kind => JsonKind.Null;

    /// <inheritdoc/>
    public override JsonValue DeepClone() => this;
}
