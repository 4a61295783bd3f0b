namespace Tidemark.Jobs;

// The steps of the end, taken by the transaction.
public abstract partial class Job
{
    internal void BecomeWaiting() => Become(JobStatus.Waiting);

    internal void BecomePending()
    {
        Become(JobStatus.Pending);
        if (!AutoFinalize)
        {
            OnPending();
        }
    }

    internal async ValueTask<bool> TryPrepareAsync()
    {
        isSettling = true;
        Error = await PrepareAsync();
        return Error is null;
    }

    internal async ValueTask CommitAndConcludeAsync()
    {
        await CommitAsync();
        await CleanAsync();
        OnEnded();
        Conclude();
    }

    internal async ValueTask AbortAndConcludeAsync()
    {
        isSettling = true;
        Error ??= JobError.Cancelled;
        Become(JobStatus.Aborting);
        await AbortAsync();
        await CleanAsync();
        if (IsStarted)
        {
            OnEnded();
        }
        Conclude();
    }

    internal async ValueTask WaitBodyAsync()
    {
        while (IsBodyAlive)
        {
            await bodyEnded.WaitAsync();
        }
    }

    private void Conclude()
    {
        Become(JobStatus.Concluded);
        if (AutoDismiss || !IsStarted)
        {
            Become(JobStatus.Null);
        }
    }
}
