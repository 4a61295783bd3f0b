using Tidemark.Core.Schema;
using Tidemark.Jobs;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Job;

/// <summary>query-jobs: all jobs, the newest first.</summary>
internal sealed partial class QueryJobs(ControlContext context)
    : QmpCommand<NoArguments, IReadOnlyList<QueryJobs.Entry>>("query-jobs", NoArguments.Codec, SchemaCodec.List(Entry.Codec))
{
    /// <summary>A job.</summary>
    [Schema(Name = "JobInfo")]
    internal sealed partial record Entry(
        string Id,
        JobKind Type,
        JobStatus Status,
        long CurrentProgress,
        long TotalProgress,
        string? Error = null
    );

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<Entry>> RunAsync(NoArguments arguments) =>
        new([
            .. context
                .Jobs.Query()
                .Select(static job => new Entry(
                    job.Id,
                    JobKinds.Of(job.Type),
                    job.Status,
                    job.CurrentProgress,
                    job.TotalProgress,
                    job.Error
                )),
        ]);
}
