namespace Tidemark.Io.Descriptors;

/// <summary>A descriptor in a set, with the words that its giver wants to see again.</summary>
public sealed record SetDescriptor(int Number, string? Opaque);
