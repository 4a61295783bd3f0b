using Tidemark.Block.Contract;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>An internal snapshot as queries show it (SnapshotInfo); sizes in bytes.</summary>
[Schema(Name = "SnapshotInfo")]
internal sealed partial record SnapshotDescription(
    string Id,
    string Name,
    long VmStateSize,
    long DateSec,
    long DateNsec,
    long VmClockSec,
    long VmClockNsec,
    long? Icount = null
)
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Describes a snapshot.</summary>
    public static SnapshotDescription Of(SnapshotInfo snapshot) =>
        new(
            snapshot.Id,
            snapshot.Name,
            snapshot.VmStateBytes,
            snapshot.DateSeconds,
            snapshot.DateNanoseconds,
            (long)(snapshot.VmClockNanoseconds / NanosecondsPerSecond),
            (long)(snapshot.VmClockNanoseconds % NanosecondsPerSecond),
            (long?)snapshot.InstructionCount
        );
}
