namespace Tidemark.Testing;

/// <summary>Our own code broke a promise; in production the process would have stopped here.</summary>
public sealed class BrokenInvariantException(string message) : Exception(message);
