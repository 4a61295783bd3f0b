namespace Tidemark.Core.Json;

/// <summary>Text that is no JSON. <see cref="Exception.Message"/> is the reference's wording.</summary>
public sealed class JsonParseException(string message) : Exception(message);
