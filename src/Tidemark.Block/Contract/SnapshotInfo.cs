namespace Tidemark.Block.Contract;

/// <summary>An internal snapshot: the disk, and perhaps a machine's state, as they were, kept within the image.</summary>
/// <param name="Id">Its identifier in the image.</param>
/// <param name="Name">Its name; several may have the same.</param>
public sealed record SnapshotInfo(string Id, string Name)
{
    /// <summary>Size of the machine's state that is kept with it, bytes.</summary>
    public long VmStateBytes { get; init; }

    /// <summary>When it was taken, seconds since 1970.</summary>
    public long DateSeconds { get; init; }

    /// <summary>Nanoseconds of that second.</summary>
    public int DateNanoseconds { get; init; }

    /// <summary>How long the machine had run, nanoseconds.</summary>
    public ulong VmClockNanoseconds { get; init; }

    /// <summary>Instructions that the machine had run, where they were counted.</summary>
    public ulong? InstructionCount { get; init; }

    /// <summary>The first of this id and name, each unless it is null; null if there is none.</summary>
    public static SnapshotInfo? Find(IEnumerable<SnapshotInfo> snapshots, string? id, string? name) =>
        snapshots.FirstOrDefault(snapshot => (id is null || snapshot.Id == id) && (name is null || snapshot.Name == name));

    /// <summary>The one of this id, else the first of this name; null if there is neither.</summary>
    public static SnapshotInfo? FindAny(IReadOnlyList<SnapshotInfo> snapshots, string idOrName) =>
        Find(snapshots, idOrName, null) ?? Find(snapshots, null, idOrName);
}
