namespace Tidemark.Drivers.Qcow2.Refcounts;

/// <summary>Why clusters become free: it decides whether the file below is told (options pass-discard-*).</summary>
internal enum DiscardKind
{
    /// <summary>Never told: the cluster was hardly used, or will be used again at once.</summary>
    Never,

    /// <summary>Always told.</summary>
    Always,

    /// <summary>The guest discarded its content.</summary>
    Request,

    /// <summary>A snapshot let go of it.</summary>
    Snapshot,

    /// <summary>Something else: copied away, replaced, zeroed.</summary>
    Other,
}
