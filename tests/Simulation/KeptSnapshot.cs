namespace Tidemark.Simulation.Tests;

/// <summary>An internal snapshot of a disk and the moment that it must show for as long as it is there.</summary>
internal sealed record KeptSnapshot(string Name, Instant Moment);
