namespace Tidemark.Core.Json;

/// <summary>A token and where its characters lie in the message's text, bytes.</summary>
internal readonly record struct JsonToken(JsonTokenKind Kind, int Start, int Length);
