using Tidemark.Core.Errors;

namespace Tidemark.Jobs;

/// <summary>
/// Jobs that succeed or fail together (contract T3): none ends before all are done, and when one fails or is cancelled the others
/// are cancelled. A job by itself is a transaction of one. Steps are taken in the reverse of the order in which the jobs were
/// added, except that a failing job goes first. Belongs to the loop.
/// </summary>
public sealed class JobTransaction
{
    private readonly List<Job> jobs = [];
    private bool isFinalizing;

    /// <summary>Its jobs, the newest first.</summary>
    public IReadOnlyList<Job> Jobs => jobs;

    /// <summary>Whether one of them failed or was cancelled, so that all are being undone.</summary>
    internal bool IsAborting { get; private set; }

    internal void Add(Job job) => jobs.Insert(0, job);

    internal void Remove(Job job) => _ = jobs.Remove(job);

    internal async ValueTask BodyEndedAsync(Job job)
    {
        if (IsAborting)
        {
            // Whoever aborts waits for this job and takes its last steps.
            return;
        }
        if (job.Error is not null)
        {
            await AbortAsync(job);
            return;
        }
        job.BecomeWaiting();
        if (!jobs.TrueForAll(static j => j.Status == JobStatus.Waiting))
        {
            return;
        }
        foreach (var one in jobs.ToArray())
        {
            one.BecomePending();
        }
        if (jobs.TrueForAll(static j => j.AutoFinalize))
        {
            await FinalizeAsync();
        }
    }

    internal async ValueTask FinalizeAsync()
    {
        Invariant.That(!isFinalizing && !IsAborting, "a transaction ends once");
        isFinalizing = true;
        var all = jobs.ToArray();
        foreach (var job in all)
        {
            job.MarkSettling();
        }
        foreach (var job in all)
        {
            if (!await job.TryPrepareAsync())
            {
                await AbortAsync(job);
                return;
            }
        }
        foreach (var job in all)
        {
            await job.CommitAndConcludeAsync();
        }
    }

    /// <summary>Starts an abort that nobody waits for.</summary>
    internal async void AbortLater(Job first)
    {
        if (!IsAborting)
        {
            await AbortAsync(first);
        }
    }

    /// <summary><paramref name="first"/> has failed or is cancelled, and its body is not at work: undoes it, then all others.</summary>
    internal async ValueTask AbortAsync(Job first)
    {
        Invariant.That(!IsAborting, "a transaction ends once");
        IsAborting = true;
        var others = jobs.Where(job => !ReferenceEquals(job, first)).ToArray();
        foreach (var job in others)
        {
            job.CancelNow(force: false);
        }
        await first.AbortAndConcludeAsync();
        foreach (var job in others)
        {
            await job.WaitBodyAsync();
            await job.AbortAndConcludeAsync();
        }
    }
}
