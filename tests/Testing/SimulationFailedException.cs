namespace Tidemark.Testing;

/// <summary>A simulated run failed; the same seed fails again.</summary>
public sealed class SimulationFailedException(int seed, Exception inner) : Exception($"Seed {seed}: {inner.Message}", inner)
{
    /// <summary>The seed to repeat it with.</summary>
    public int Seed { get; } = seed;
}
