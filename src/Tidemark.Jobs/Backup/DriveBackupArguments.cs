using Tidemark.Block.Create;
using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Backup;

/// <summary>Arguments of drive-backup: those of blockdev-backup, but the target is a file.</summary>
/// <param name="Device">The source: a device or a node.</param>
/// <param name="Target">Name of the target's file.</param>
/// <param name="Sync">What to copy.</param>
/// <param name="Format">The target's format; by default the source's, or whatever an existing file is found to be.</param>
/// <param name="Mode">Whether the file is made or is there already.</param>
/// <param name="JobId">As blockdev-backup's, like all that follow.</param>
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
public sealed partial record DriveBackupArguments(
    string Device,
    [Wire("target", ReadLast = true)] string Target,
    BackupSync Sync,
    string? Format = null,
    NewImageMode? Mode = null,
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
)
{
    /// <summary>The same backup to a node that is open, of this name.</summary>
    public BackupArguments ToBackup(string targetNode, BackupSync sync) =>
        new(
            Device,
            targetNode,
            sync,
            JobId,
            Speed,
            Bitmap,
            BitmapMode,
            Compress,
            OnSourceError,
            OnTargetError,
            AutoFinalize,
            AutoDismiss,
            FilterNodeName,
            DiscardSource,
            XPerf,
            OnCbwError,
            CbwTimeout
        );
}
