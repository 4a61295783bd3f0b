namespace Tidemark.Jobs;

/// <summary>A block job as query-block-jobs shows it.</summary>
/// <param name="Type">Its kind: "backup", …</param>
/// <param name="Device">Its id.</param>
/// <param name="Length">What there is to do, bytes.</param>
/// <param name="Busy">Whether its code runs just now; on one loop it never does while someone asks.</param>
/// <param name="Paused">Whether it has been asked to pause, by whomever.</param>
/// <param name="Offset">What is done, bytes.</param>
/// <param name="Speed">Limit in bytes per second, 0 for none.</param>
/// <param name="IoStatus">Why it stands still.</param>
/// <param name="Ready">Whether it can be completed.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="AutoFinalize">Whether it takes the last step by itself.</param>
/// <param name="AutoDismiss">Whether it goes away by itself.</param>
/// <param name="Error">Why it did not succeed, once it has concluded; else null.</param>
/// <param name="IsActivelySynced">Of a mirror: whether every acknowledged write is on both sides; else null.</param>
public sealed record BlockJobInfo(
    string Type,
    string Device,
    long Length,
    bool Busy,
    bool Paused,
    long Offset,
    long Speed,
    JobIoStatus IoStatus,
    bool Ready,
    JobStatus Status,
    bool AutoFinalize,
    bool AutoDismiss,
    string? Error,
    bool? IsActivelySynced
);
