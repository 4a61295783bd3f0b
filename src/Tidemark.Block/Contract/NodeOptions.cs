using Tidemark.Core.Json;

namespace Tidemark.Block.Contract;

/// <summary>The options that every node has (the base of QMP's BlockdevOptions), resolved against what the parent passes on.</summary>
public sealed record NodeOptions
{
    /// <summary>Name of the driver.</summary>
    public required string Driver { get; init; }

    /// <summary>Name that the user gave, or null for a generated one.</summary>
    public string? NodeName { get; init; }

    /// <summary>Whether writes are refused.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Read-only falls back, and writing is taken up only when a user above asks for it.</summary>
    public bool AutoReadOnly { get; init; }

    /// <summary>cache.direct: past the host's page cache.</summary>
    public bool CacheDirect { get; init; }

    /// <summary>cache.no-flush: flushes do nothing; a power cut may lose everything.</summary>
    public bool CacheNoFlush { get; init; }

    /// <summary>Whether it is opened active; null is as the graph opens nodes, or as the parent, where that was told.</summary>
    public bool? Active { get; init; }

    /// <summary>Open although others write; only with <see cref="ReadOnly"/>.</summary>
    public bool ForceShare { get; init; }

    /// <summary>What becomes of discards.</summary>
    public DiscardMode Discard { get; init; }

    /// <summary>Whether writes of zeroes are recognised.</summary>
    public DetectZeroesMode DetectZeroes { get; init; }

    /// <summary>The whole object as it was given, nothing filled in.</summary>
    public required JsonObject Explicit { get; init; }

    /// <summary>What is left for the driver: its own options and its children.</summary>
    public required JsonObject DriverOptions { get; init; }
}
