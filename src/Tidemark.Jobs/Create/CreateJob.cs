using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Create;

/// <summary>
/// Makes an image (blockdev-create). No block job: it has no speed and no BLOCK_JOB_ events, can't be paused half-way, and
/// always waits to be dismissed. Its error shows in query-jobs.
/// </summary>
/// <param name="registry">Where it belongs.</param>
/// <param name="id">Its id.</param>
/// <param name="work">Makes the image; throws <see cref="BlockException"/>.</param>
public class CreateJob(JobRegistry registry, string id, Func<ValueTask> work)
    : Job(registry, new JobSettings(id, AutoFinalize: true, AutoDismiss: false))
{
    private bool isDone;

    /// <inheritdoc/>
    public override string Type => "create";

    /// <inheritdoc/>
    public override JobProgress Progress => new(isDone ? 1 : 0, IsStarted ? 1 : 0);

    /// <inheritdoc/>
    protected override async ValueTask<JobError?> RunAsync()
    {
        JobError? error = null;
        try
        {
            await work();
        }
        catch (BlockException failure)
        {
            error = new JobError(failure.Status, failure.Message);
        }
        isDone = true;
        return error;
    }
}
