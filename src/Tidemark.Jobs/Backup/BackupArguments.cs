using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Backup;

/// <summary>Arguments of blockdev-backup.</summary>
/// <param name="Device">The source: a device or a node.</param>
/// <param name="Target">The target: a node of the same size.</param>
/// <param name="Sync">What to copy.</param>
/// <param name="JobId">The job's id; by default the name of the device that uses the source.</param>
/// <param name="Speed">Limit in bytes per second, 0 for none.</param>
/// <param name="Bitmap">Name of a bitmap of the source.</param>
/// <param name="BitmapMode">What becomes of it.</param>
/// <param name="Compress">Write compressed clusters.</param>
/// <param name="OnSourceError">What to do when the source can't be read.</param>
/// <param name="OnTargetError">What to do when the target can't be written.</param>
/// <param name="AutoFinalize">Take the last step by itself.</param>
/// <param name="AutoDismiss">Go away by itself.</param>
/// <param name="FilterNodeName">Name of the filter node that the job puts above the source.</param>
/// <param name="DiscardSource">Discard at the source what has been copied: for sources that keep data for the backup only. Of versions after 7.2.</param>
/// <param name="XPerf">How the copying is tuned.</param>
/// <param name="OnCbwError">What gives way when old data can't be saved. Beyond the reference.</param>
/// <param name="CbwTimeout">Seconds for which a guest's write waits for its old data to be saved, 0 for ever. Beyond the reference.</param>
[Schema]
public sealed partial record BackupArguments(
    string Device,
    [Wire("target", ReadLast = true)] string Target,
    BackupSync Sync,
    string? JobId = null,
    long? Speed = null,
    string? Bitmap = null,
    BitmapSyncMode? BitmapMode = null,
    bool Compress = false,
    JobErrorPolicy OnSourceError = JobErrorPolicy.Report,
    JobErrorPolicy OnTargetError = JobErrorPolicy.Report,
    bool AutoFinalize = true,
    bool AutoDismiss = true,
    string? FilterNodeName = null,
    bool DiscardSource = false,
    BackupPerformance? XPerf = null,
    CbwErrorMode OnCbwError = CbwErrorMode.BreakSnapshot,
    uint CbwTimeout = 30
);
