using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs;

/// <summary>
/// Work that goes on beside the monitor, with the one life that all kinds share (<see cref="JobTransitions"/>):
/// <code>
///   created ─▶ running ⇄ paused            waiting ─▶ pending ─▶ concluded ─▶ null
///      │          │ ▲ └──────────────────────▲           │           ▲
///      │          ▼ │                        │           ▼           │
///      │        ready ⇄ standby ─────────────┘        aborting ──────┘
///      └──────────────────────── (any of these) ─────────▲
/// </code>
/// A kind says what to do in <see cref="RunAsync"/> and at the end; pauses, cancelling, transactions and events are here.
/// Belongs to the loop; nothing polls.
/// </summary>
public abstract partial class Job
{
    private readonly JobRegistry registry;
    private readonly LoopSignal bodyEnded = new();

    /// <summary>A job that is not registered yet: see <see cref="Register"/>.</summary>
    protected Job(JobRegistry registry, JobSettings settings)
    {
        this.registry = registry;
        (Id, AutoFinalize, AutoDismiss) = (settings.Id, settings.AutoFinalize, settings.AutoDismiss);
        Transaction = new JobTransaction();
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>Its kind, as QMP's JobType names it.</summary>
    public abstract string Type { get; }

    /// <summary>Whether it takes the last step by itself.</summary>
    public bool AutoFinalize { get; }

    /// <summary>Whether it goes away by itself.</summary>
    public bool AutoDismiss { get; }

    /// <summary>Where it is in its life.</summary>
    public JobStatus Status { get; private set; } = JobStatus.Undefined;

    /// <summary>Why it did not succeed; null while all is well.</summary>
    public JobError? Error { get; private set; }

    /// <summary>Whether it has been started.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Whether it has been told to give up.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>The jobs that it succeeds or fails with; itself alone unless <see cref="Join"/> was called.</summary>
    public JobTransaction Transaction { get; private set; }

    /// <summary>How far it is.</summary>
    public abstract JobProgress Progress { get; }

    /// <summary>Where its events go.</summary>
    protected JobRegistry Registry => registry;

    /// <summary>Whether its code may still be at work.</summary>
    protected bool IsBodyAlive => IsStarted && !isBodyEnded;

    internal bool IsBodyDone => !IsStarted || isBodyEnded;

    private bool isBodyEnded;

    /// <summary>The job as query-jobs shows it.</summary>
    public JobInfo Describe()
    {
        var progress = Progress;
        return new(Id, Type, Status, progress.Current, progress.Total, Error?.Text);
    }

    /// <summary>
    /// Makes it one of the registry's jobs: checks its id, throws <see cref="BlockException"/> ("Invalid job ID 'x'", "Job ID 'x'
    /// already in use"). Created from then on.
    /// </summary>
    public void Register()
    {
        registry.CheckId(Id);
        registry.Add(this);
        Transaction.Add(this);
        Become(JobStatus.Created);
    }

    /// <summary>Makes it succeed or fail together with the other jobs of <paramref name="transaction"/>; before it is started.</summary>
    public void Join(JobTransaction transaction)
    {
        Invariant.That(Status == JobStatus.Created, "a job joins before it starts");
        Transaction.Remove(this);
        Transaction = transaction;
        transaction.Add(this);
    }

    /// <summary>Lets it begin. In a drained section it pauses at once and goes on when that ends.</summary>
    public void Start()
    {
        if (IsCancelled)
        {
            // Somebody was quicker.
            return;
        }
        Become(JobStatus.Running);
        IsStarted = true;
        RunBody();
    }

    /// <summary>
    /// Undoes a job that was created and shall not be started after all (its transaction was rolled back): all is as before it was
    /// made when the task ends.
    /// </summary>
    public ValueTask AbandonAsync()
    {
        Invariant.That(Status == JobStatus.Created, "a job that has started is cancelled");
        IsCancelled = true;
        return Transaction.AbortAsync(this);
    }

    /// <summary>Waits until it has concluded or is gone.</summary>
    public async ValueTask WaitConcludedAsync()
    {
        while (Status is not (JobStatus.Concluded or JobStatus.Null))
        {
            await registry.WaitChangeAsync();
        }
    }

    /// <summary>
    /// The work itself. Comes back with null when it is done, or with what went wrong; comes back soon when
    /// <see cref="IsCancelled"/>. Awaits <see cref="PausePointAsync"/> wherever it can stop.
    /// </summary>
    protected abstract ValueTask<JobError?> RunAsync();

    /// <summary>The last step that can fail, when all of the transaction are done; null when all is well.</summary>
    protected virtual ValueTask<JobError?> PrepareAsync() => new((JobError?)null);

    /// <summary>It has succeeded: makes that hold. Can't fail.</summary>
    protected virtual ValueTask CommitAsync() => ValueTask.CompletedTask;

    /// <summary>It has failed or was cancelled, or was never started: undoes what must not stay.</summary>
    protected virtual ValueTask AbortAsync() => ValueTask.CompletedTask;

    /// <summary>After commit or abort: lets go of everything. Called once.</summary>
    protected virtual ValueTask CleanAsync() => ValueTask.CompletedTask;

    /// <summary>Commit or abort is over; the place for a kind's own events.</summary>
    protected virtual void OnEnded() { }

    /// <summary>It is pending and does not finalize itself; the place for a kind's own events.</summary>
    protected virtual void OnPending() { }

    /// <summary>A pause or the cancel is wanted: what is under way should come to an end. The body is alive.</summary>
    protected virtual void OnInterrupt() { }

    /// <summary>The job stands at a pause point, or its body has ended: a drained section need not wait for it any longer.</summary>
    protected virtual void OnQuiet() { }

    /// <summary>It has been dismissed, by whomever: nobody knows of it any longer.</summary>
    protected virtual void OnGone() { }

    /// <summary>Goes over to <paramref name="status"/> and tells so.</summary>
    protected void Become(JobStatus status)
    {
        JobTransitions.Require(Status, status);
        Status = status;
        registry.Tell(new JobEvent.StatusChange(Id, status));
        if (status == JobStatus.Null)
        {
            registry.Remove(this);
            OnGone();
        }
        if (status is JobStatus.Concluded or JobStatus.Null)
        {
            registry.NoteEnd();
        }
    }

    // An exception out of a body is a mistake of ours and must not get lost: it ends the loop.
    private async void RunBody()
    {
        await PausePointAsync();
        var error = IsCancelled ? null : await RunAsync();
        isBodyEnded = true;
        Error = IsCancelled ? JobError.Cancelled : error;
        OnQuiet();
        bodyEnded.Wake();
        await Transaction.BodyEndedAsync(this);
    }
}
