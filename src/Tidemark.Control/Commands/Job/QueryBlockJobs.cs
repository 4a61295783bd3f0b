using Tidemark.Core.Schema;
using Tidemark.Jobs;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Job;

/// <summary>query-block-jobs: the jobs that work on nodes, the newest first. Lengths in bytes.</summary>
internal sealed partial class QueryBlockJobs(ControlContext context)
    : QmpCommand<NoArguments, IReadOnlyList<QueryBlockJobs.Entry>>(
        "query-block-jobs",
        NoArguments.Codec,
        SchemaCodec.List(new BlockJobInfoCodec())
    )
{
    /// <summary>A block job. The last member is a mirror's.</summary>
    [Schema(Name = "BlockJobInfo")]
    internal sealed partial record Entry(
        JobKind Type,
        string Device,
        long Len,
        long Offset,
        bool Busy,
        bool Paused,
        long Speed,
        JobIoStatus IoStatus,
        bool Ready,
        JobStatus Status,
        bool AutoFinalize,
        bool AutoDismiss,
        string? Error = null,
        bool? ActivelySynced = null
    );

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<Entry>> RunAsync(NoArguments arguments) =>
        new([
            .. context
                .Jobs.QueryBlockJobs()
                .Select(static job => new Entry(
                    JobKinds.Of(job.Type),
                    job.Device,
                    job.Length,
                    job.Offset,
                    job.Busy,
                    job.Paused,
                    job.Speed,
                    job.IoStatus,
                    job.Ready,
                    job.Status,
                    job.AutoFinalize,
                    job.AutoDismiss,
                    job.Error,
                    job.IsActivelySynced
                )),
        ]);
}
