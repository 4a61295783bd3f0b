namespace Tidemark.Simulation.Tests;

/// <summary>What is known of a bitmap: since which moment it records, and which backup that moment has.</summary>
internal sealed class TrackedBitmap(string name, bool persistent, bool recording, Instant anchor)
{
    /// <summary>Its name. A migration may give it another.</summary>
    public string Name { get; set; } = name;

    /// <summary>Whether it is to survive a restart. A migration may change that.</summary>
    public bool IsPersistent { get; set; } = persistent;

    /// <summary>Whether it records, as far as users decided.</summary>
    public bool IsRecording { get; set; } = recording;

    /// <summary>Whether it has recorded without a gap since <see cref="Anchor"/>.</summary>
    public bool IsTrusted { get; set; } = recording;

    /// <summary>Whether the image has it for certain: it must be there after a crash, in whatever state.</summary>
    public bool IsStored { get; set; }

    /// <summary>Whether its daemon died while it was in use: it can only be removed.</summary>
    public bool IsInconsistent { get; set; }

    /// <summary>Whether a job has it, or has had it and is not judged yet.</summary>
    public bool IsInJob { get; set; }

    /// <summary>Whether a command changed it after its job and before the judgement.</summary>
    public bool WasChanged { get; set; }

    /// <summary>The moment since which it has everything.</summary>
    public Instant Anchor { get; set; } = anchor;

    /// <summary>The backup that an increment by this bitmap goes on top of; null if there is none.</summary>
    public BackupImage? Tip { get; set; }
}
