namespace Tidemark.Core.Json;

/// <summary>One thing that a stream held: a value, or what was wrong at that place. Exactly one of the two is set.</summary>
/// <param name="Value">The value.</param>
/// <param name="Error">The error's text, in the reference's wording.</param>
public readonly record struct JsonMessage(JsonValue? Value, string? Error);
