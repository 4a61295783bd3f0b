using Tidemark.Core.Schema;

namespace Tidemark.Control.Migration;

/// <summary>
/// How far a guest's memory is (MigrationStats). There is none, so these count what is sent of the rest; sizes in bytes.
/// </summary>
[Schema(Name = "MigrationStats")]
internal sealed partial record MigrationMemory(
    long Transferred,
    long Remaining,
    long Total,
    long Duplicate,
    long Skipped,
    long Normal,
    long NormalBytes,
    long DirtyPagesRate,
    double Mbps,
    long DirtySyncCount,
    long PostcopyRequests,
    long PageSize,
    [Wire("multifd-bytes")] ulong MultifdBytes,
    ulong PagesPerSecond,
    ulong PrecopyBytes,
    ulong DowntimeBytes,
    ulong PostcopyBytes,
    [Wire("dirty-sync-missed-zero-copy")] ulong DirtySyncMissedZeroCopy
)
{
    /// <summary>Of a machine without memory, after <paramref name="sentBytes"/> and so many passes over it.</summary>
    public static MigrationMemory Of(long sentBytes, long passes, TimeSpan elapsed)
    {
        const long PageBytes = 4096;
        var seconds = elapsed.TotalSeconds;
        return new(
            Transferred: sentBytes,
            Remaining: 0,
            Total: 0,
            Duplicate: 0,
            Skipped: 0,
            Normal: 0,
            NormalBytes: 0,
            DirtyPagesRate: 0,
            Mbps: seconds > 0 ? sentBytes * 8 / seconds / 1_000_000 : 0,
            DirtySyncCount: passes,
            PostcopyRequests: 0,
            PageBytes,
            MultifdBytes: 0,
            PagesPerSecond: 0,
            PrecopyBytes: 0,
            DowntimeBytes: 0,
            PostcopyBytes: 0,
            DirtySyncMissedZeroCopy: 0
        );
    }
}
