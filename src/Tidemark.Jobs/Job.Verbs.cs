using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs;

public abstract partial class Job
{
    private bool isSettling;

    /// <summary>
    /// job-cancel: the job gives up; it is over some time later. With <paramref name="force"/> it does not wait for a peer either, and
    /// one that is ready does not end well instead.
    /// Throws <see cref="BlockException"/> when the status does not accept it.
    /// </summary>
    public void Cancel(bool force)
    {
        RequireVerb(JobVerb.Cancel);
        if (isSettling)
        {
            throw Refuse(JobVerb.Cancel);
        }
        if (force || !TryEndSoftly())
        {
            CancelNow(force);
        }
    }

    /// <summary>
    /// After a pause or cancel: waits until the job stands, or is over, if it needs nothing for that but turns of the loop and its last
    /// steps. As with the reference, whose reply comes after the events then. Who is in its way is not waited for.
    /// </summary>
    public async ValueTask ComeToRestAsync()
    {
        for (var turn = 0; turn < Limits.TurnsToRest && !IsAtRest; turn++)
        {
            await Task.Yield();
        }
        if (!isSettling || IsAtRest)
        {
            return;
        }
        var time = LoopContext.Current.Time;
        var start = time.GetTimestamp();
        await using var timer = time.CreateTimer(
            static registry => ((JobRegistry)registry!).NoteEnd(),
            registry,
            Limits.TimeToRest,
            Timeout.InfiniteTimeSpan
        );
        while (!IsAtRest && time.GetElapsedTime(start) < Limits.TimeToRest)
        {
            await registry.WaitChangeAsync();
        }
    }

    /// <summary>job-complete: brings a ready job to its end. Throws <see cref="BlockException"/> when it is not ready.</summary>
    public void Complete()
    {
        RequireVerb(JobVerb.Complete);
        OnComplete();
    }

    /// <summary>
    /// job-finalize: all jobs of the transaction take their last step. Throws <see cref="BlockException"/> when the job is not
    /// pending. The task ends when they have.
    /// </summary>
    public ValueTask FinalizeAsync()
    {
        RequireVerb(JobVerb.Finalize);
        // One of the group may be undoing already, and then all of them will.
        return isSettling || Transaction.IsAborting ? throw Refuse(JobVerb.Finalize) : Transaction.FinalizeAsync();
    }

    /// <summary>job-dismiss: the job goes away. Throws <see cref="BlockException"/> when it has not concluded.</summary>
    public void Dismiss()
    {
        RequireVerb(JobVerb.Dismiss);
        Become(JobStatus.Null);
    }

    /// <summary>Brings a ready job to its end.</summary>
    protected virtual void OnComplete() { }

    /// <summary>
    /// A cancel that is not forced: true if the job comes to a successful end of another kind instead, soon (a ready mirror stays the
    /// copy that it is).
    /// </summary>
    protected virtual bool TryEndSoftly() => false;

    /// <summary>The job must not wait for a peer any longer.</summary>
    protected virtual void OnForceCancel() { }

    /// <summary>Whether it takes its time to end when it is cancelled at work, as the reference's kind does: nobody waits for that.</summary>
    protected virtual bool EndsInItsOwnTime => false;

    private bool IsAtRest =>
        atPausePoint || Status is JobStatus.Concluded or JobStatus.Null || (!IsUserPaused && IsBodyAlive && EndsInItsOwnTime);

    /// <summary>Throws unless the status accepts <paramref name="verb"/>.</summary>
    protected void RequireVerb(JobVerb verb)
    {
        if (!JobTransitions.Accepts(Status, verb))
        {
            throw Refuse(verb);
        }
    }

    internal void MarkSettling() => isSettling = true;

    /// <summary>Part of shutting down: cancelled whatever its status, dismissed if that is all it waits for.</summary>
    internal void GiveUp()
    {
        if (Status == JobStatus.Concluded)
        {
            Become(JobStatus.Null);
        }
        else if (JobTransitions.Accepts(Status, JobVerb.Cancel) && !isSettling && !IsCancelled)
        {
            CancelNow(force: true);
        }
    }

    internal void CancelNow(bool force)
    {
        if (force)
        {
            OnForceCancel();
        }
        if (IsCancelled)
        {
            return;
        }
        IsCancelled = true;
        if (IsUserPaused)
        {
            IsUserPaused = false;
            pauses--;
        }
        LeavePausePoint();
        if (IsBodyAlive)
        {
            OnInterrupt();
        }
        else
        {
            Transaction.AbortLater(this);
        }
    }

    private BlockException Refuse(JobVerb verb) =>
        new(
            BlockErrorKind.InvalidOptions,
            $"Job '{Id}' in state '{Status.ToWord()}' cannot accept command verb '{verb.ToWord()}'"
        );
}
