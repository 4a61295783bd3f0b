using Tidemark.Jobs.Backup;
using Tidemark.Jobs.Commit;
using Tidemark.Jobs.Mirror;
using Tidemark.Jobs.Stream;

namespace Tidemark.Jobs;

/// <summary>The kinds of job that come with Tidemark and are started by a command of their own: the one list to add a new one to.</summary>
public static class BuiltinJobs
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<JobDefinition> All { get; } =
    [
        BackupJob.Definition,
        DriveBackup.Definition,
        CommitDefinition.Definition,
        MirrorJob.Definition,
        DriveMirror.Definition,
        StreamJob.Definition,
    ];
}
