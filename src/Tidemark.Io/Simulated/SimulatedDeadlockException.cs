namespace Tidemark.Io.Simulated;

/// <summary>Nothing of a simulated run can ever go on, or it never comes to an end; the message tells the seed.</summary>
public sealed class SimulatedDeadlockException(string message) : Exception(message);
