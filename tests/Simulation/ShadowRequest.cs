namespace Tidemark.Simulation.Tests;

/// <summary>A guest's request that has been sent and not been answered.</summary>
internal sealed record ShadowRequest(ShadowVerb Verb, int First, int Count, uint Version)
{
    /// <summary>The cell behind the last.</summary>
    public int End => First + Count;

    /// <summary>Whether it has been answered well, and so was done as a whole.</summary>
    public bool IsDone { get; set; }
}

/// <summary>What a guest asks for.</summary>
internal enum ShadowVerb
{
    Write,
    Zero,
    Trim,
}
