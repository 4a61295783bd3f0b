using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs;

/// <summary>All jobs of one loop, by id, and whoever is told of their events. Belongs to the loop.</summary>
public sealed class JobRegistry
{
    private readonly List<Job> jobs = [];
    private readonly LoopSignal ended = new();

    /// <summary>Told of every event; null while nobody listens.</summary>
    public IJobObserver? Observer { get; set; }

    /// <summary>All jobs, the newest first, as queries list them.</summary>
    public IReadOnlyList<Job> Jobs => jobs;

    /// <summary>query-jobs.</summary>
    public IEnumerable<JobInfo> Query() => jobs.Select(static job => job.Describe());

    /// <summary>query-block-jobs: those that have been started.</summary>
    public IEnumerable<BlockJobInfo> QueryBlockJobs() =>
        jobs.OfType<BlockJob>().Where(static job => job.IsStarted).Select(static job => job.DescribeBlockJob());

    /// <summary>The job of this id, or null.</summary>
    public Job? Find(string id) => jobs.Find(job => job.Id == id);

    /// <summary>The job of this id; throws "Job not found".</summary>
    public Job Require(string id) => Find(id) ?? throw new BlockException(BlockErrorKind.NotFound, "Job not found");

    /// <summary>The block job of this id, as block-job-* commands name it; throws "Block job 'x' not found" (QMP's class DeviceNotActive).</summary>
    public BlockJob RequireBlockJob(string device) =>
        Find(device) as BlockJob ?? throw new BlockException(BlockErrorKind.NotFound, $"Block job '{device}' not found");

    /// <summary>Throws unless <paramref name="id"/> is well formed and free.</summary>
    public void CheckId(string id)
    {
        if (
            id.Length == 0
            || !char.IsAsciiLetter(id[0])
            || !id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
        )
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"Invalid job ID '{id}'");
        }
        if (Find(id) is not null)
        {
            throw new BlockException(BlockErrorKind.InUse, $"Job ID '{id}' already in use");
        }
    }

    /// <summary>Cancels every job and waits until all are over; those that wait to be dismissed are.</summary>
    public async ValueTask CancelAllAsync()
    {
        while (jobs.Count > 0)
        {
            foreach (var job in jobs.ToArray())
            {
                job.GiveUp();
            }
            // One that had nothing to undo may have concluded meanwhile, and nobody else will dismiss it.
            if (jobs.Count > 0 && !jobs.Exists(static job => job.Status == JobStatus.Concluded))
            {
                await ended.WaitAsync();
            }
        }
    }

    /// <summary>Waits for the next time that a job is over; check what you wait for again.</summary>
    public ValueTask WaitChangeAsync() => ended.WaitAsync();

    internal void Add(Job job) => jobs.Insert(0, job);

    internal void Remove(Job job) => Invariant.That(jobs.Remove(job), "a job is registered once");

    internal void Tell(JobEvent happened) => Observer?.OnJobEvent(happened);

    internal void NoteEnd() => ended.Wake();
}
