using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs;

// Pauses are counted: a user's is one of them, a drained section's another. The job stands while any is left.
public abstract partial class Job
{
    private readonly LoopSignal resumed = new();
    private int pauses;
    private bool atPausePoint;

    /// <summary>Whether a user, or an error policy on his behalf, has paused it.</summary>
    public bool IsUserPaused { get; private set; }

    /// <summary>Whether it has been asked to pause, by whomever.</summary>
    public bool IsPaused => pauses > 0;

    /// <summary>Whether it does something that a drained section must wait for.</summary>
    protected bool IsActive => IsBodyAlive && !atPausePoint && !StandsAside;

    /// <summary>Whether the body waits for a drained section of its own and does nothing else: no drain need wait for it.</summary>
    protected bool StandsAside
    {
        get;
        set
        {
            field = value;
            if (value)
            {
                OnQuiet();
            }
        }
    }

    /// <summary>job-pause. Throws <see cref="BlockException"/> ("Job is already paused", or that the status does not accept it).</summary>
    public void Pause()
    {
        RequireVerb(JobVerb.Pause);
        if (IsUserPaused)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Job is already paused");
        }
        PauseForUser();
    }

    /// <summary>job-resume. Throws <see cref="BlockException"/> ("Can't resume a job that was not paused").</summary>
    public void Resume()
    {
        if (!IsUserPaused)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Can't resume a job that was not paused");
        }
        RequireVerb(JobVerb.Resume);
        OnUserResume();
        IsUserPaused = false;
        EndPause();
    }

    /// <summary>Pauses as a user would: until <see cref="Resume"/>.</summary>
    protected void PauseForUser()
    {
        IsUserPaused = true;
        BeginPause();
    }

    /// <summary>A user lets it go on.</summary>
    protected virtual void OnUserResume() { }

    /// <summary>One more wants it to pause.</summary>
    protected void BeginPause()
    {
        pauses++;
        if (IsActive)
        {
            OnInterrupt();
        }
    }

    /// <summary>One of them lets it go on.</summary>
    protected void EndPause()
    {
        Invariant.That(pauses > 0, "a pause ends once");
        if (--pauses == 0)
        {
            LeavePausePoint();
        }
    }

    /// <summary>Stands while anybody wants a pause. Passed at once when the job is cancelled.</summary>
    protected async ValueTask PausePointAsync()
    {
        while (pauses > 0 && !IsCancelled)
        {
            atPausePoint = true;
            Become(Status == JobStatus.Ready ? JobStatus.Standby : JobStatus.Paused);
            OnQuiet();
            await resumed.WaitAsync();
        }
    }

    // The status changes with whoever lets the job go on, its code follows in its turn.
    private void LeavePausePoint()
    {
        if (atPausePoint)
        {
            atPausePoint = false;
            Become(Status == JobStatus.Standby ? JobStatus.Ready : JobStatus.Running);
            resumed.Wake();
        }
    }
}
