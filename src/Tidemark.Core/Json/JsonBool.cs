namespace Tidemark.Core.Json;

/// <summary>True or false.</summary>
public sealed class JsonBool : JsonValue
{
    /// <summary>true</summary>
    public static readonly JsonBool True = new(true);

    /// <summary>false</summary>
    public static readonly JsonBool False = new(false);

    private JsonBool(bool value) => Value = value;

    /// <inheritdoc/>
    public override JsonKind Kind => JsonKind.Bool;

    /// <summary>Which of the two.</summary>
    public bool Value { get; }

    /// <summary>The one of <paramref name="value"/>.</summary>
    public static JsonBool Of(bool value) => value ? True : False;

    /// <inheritdoc/>
    public override JsonValue DeepClone() => this;
}
