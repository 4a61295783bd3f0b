namespace Tidemark.Testing;

/// <summary>Which engine a test runs on.</summary>
public enum EngineKind
{
    /// <summary>In line and io_uring.</summary>
    Linux,

    /// <summary>In line and blocking workers.</summary>
    Pool,

    /// <summary>A seeded <see cref="Io.Simulated.SimulatedMachine"/>.</summary>
    Simulated,
}
