using Tidemark.Core.Errors;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Job;

/// <summary>The kinds of job that the wire knows (JobType).</summary>
[Schema(Name = "JobType")]
internal enum JobKind
{
    Commit,
    Stream,
    Mirror,
    Backup,
    Create,
    Amend,
    SnapshotLoad,
    SnapshotSave,
    SnapshotDelete,
}

/// <summary>From a job's own name of its kind to the wire's.</summary>
internal static class JobKinds
{
    public static JobKind Of(string type) =>
        JobKindWords.Codec.TryParse(type, out var kind)
            ? kind
            : throw Invariant.Unreachable($"the wire knows jobs of type {type}");
}
