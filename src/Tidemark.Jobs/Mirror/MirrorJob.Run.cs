using Tidemark.Block.Contract;
using Tidemark.Block.Copy;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Mirror;

// The work: copy, be ready, follow, hold the guests, copy what is left.
public sealed partial class MirrorJob
{
    private bool isSizeChecked;
    private bool endsSoftly;
    private bool completes;
    private BlockNode? replaced;
    private JobError? guestError;
    private bool isDone;
    private DrainedSection? last;

    private bool WantsToEnd => endsSoftly || completes;

    /// <inheritdoc/>
    protected override async ValueTask<JobError?> RunAsync()
    {
        while (!IsCancelled)
        {
            await PausePointAsync();
            if (IsCancelled)
            {
                break;
            }
            if (guestError is not null)
            {
                return guestError;
            }
            run.Rearm();
            var (outcome, status, isRead) = await WorkAsync();
            if (outcome == BlockCopyOutcome.Failed && !IsCancelled)
            {
                if (await HandleFailureAsync(status, isRead) is { } error)
                {
                    return error;
                }
            }
            else if (outcome == BlockCopyOutcome.Broken)
            {
                return new JobError(IoStatus.InvalidArgument, "Source and target image have different sizes");
            }
            else if (isDone)
            {
                return null;
            }
        }
        return null;
    }

    /// <summary>One stretch of work, until something comes up; the job is at its end when <see cref="isDone"/>.</summary>
    private async ValueTask<BlockCopyResult> WorkAsync()
    {
        if (!isSizeChecked)
        {
            var sized = await CheckSizeAsync();
            if (sized.Outcome != BlockCopyOutcome.Done)
            {
                return sized;
            }
            isSizeChecked = true;
        }
        var result = Copy.IsStarted ? new(BlockCopyOutcome.Done) : await Copy.BeginAsync(run);
        if (result.Outcome == BlockCopyOutcome.Done)
        {
            result = await Copy.RunAsync(run);
        }
        if (result.Outcome == BlockCopyOutcome.Done && !IsReady)
        {
            result = await BecomeReadyAsync();
        }
        if (result.Outcome != BlockCopyOutcome.Done)
        {
            return result;
        }
        if (WantsToEnd)
        {
            // Who finalizes by hand may take his time, and guests don't wait for it: the rest is copied then.
            isDone = !AutoFinalize;
            return isDone ? result : await EndAsync();
        }
        await FollowAsync();
        return result;
    }

    // Only a commit may change its target's size: the image below becomes as large as the one above. It never shrinks.
    private async ValueTask<BlockCopyResult> CheckSizeAsync()
    {
        if (!plan.IsCommit || plan.Source.SizeBytes <= plan.Target.SizeBytes)
        {
            return new(
                plan.IsCommit || plan.Source.SizeBytes == plan.Target.SizeBytes ? BlockCopyOutcome.Done : BlockCopyOutcome.Broken
            );
        }
        try
        {
            await target!.TruncateAsync(plan.Source.SizeBytes, exact: false, PreallocationMode.Off); // held while the job runs
            return new(BlockCopyOutcome.Done);
        }
        catch (BlockException error)
        {
            return new(BlockCopyOutcome.Failed, error.Status);
        }
    }

    private async ValueTask<BlockCopyResult> BecomeReadyAsync()
    {
        var status = await target!.FlushAsync(); // held while the job runs
        if (status != IoStatus.Ok)
        {
            return new(BlockCopyOutcome.Failed, status);
        }
        if (IsCancelled)
        {
            return new(BlockCopyOutcome.Interrupted);
        }
        Become(JobStatus.Ready);
        if (!plan.IsCommit)
        {
            // A machine may migrate away with a copy that is in step; where its chain is still to be changed it stays.
            AllowInactiveNodes();
            target.AllowsInactive = true;
        }
        run.SetSpeed(0);
        Registry.Tell(new JobEvent.Ready(Id, Type, Progress.Total, Progress.Current, Speed));
        return run.IsInterrupted ? new(BlockCopyOutcome.Interrupted) : new(BlockCopyOutcome.Done);
    }

    /// <summary>In step: waits for the next write, and lets more of them gather.</summary>
    private async ValueTask FollowAsync()
    {
        if (!MustLook)
        {
            await Copy.WaitForWorkAsync();
        }
        if (!MustLook)
        {
            await WaitAsync(Limits.MirrorGathering);
        }
    }

    private bool MustLook => run.IsInterrupted || WantsToEnd || guestError is not null;

    /// <summary>
    /// Holds all guests and copies what they left. On success <see cref="last"/> keeps them held until the job's last step is taken:
    /// nothing may differ then.
    /// </summary>
    private async ValueTask<BlockCopyResult> EndAsync()
    {
        StandsAside = true;
        var section = await HoldGuestsAsync();
        StandsAside = false;
        // Others may have come to hold the nodes, too, and rely on nothing being done to them: let them go first.
        var mustWait = IsCancelled || IsUserPaused || Graph.OpenDrains > 1;
        var result = mustWait ? new(BlockCopyOutcome.Interrupted) : await CopyRestAsync();
        if (result.Outcome == BlockCopyOutcome.Done && !IsCancelled)
        {
            (last, isDone) = (section, true);
        }
        else
        {
            section.Dispose();
            if (mustWait && !run.IsInterrupted)
            {
                await StandBackAsync();
            }
        }
        return result;
    }

    // They may hold nodes that are none of this job's, and wait for a medium: asking at once again would leave the loop no time for that.
    private async ValueTask StandBackAsync()
    {
        StandsAside = true;
        await WaitAsync(Limits.MirrorStandingBack);
        StandsAside = false;
    }

    private ValueTask<DrainedSection> HoldGuestsAsync() =>
        Graph.DrainAsync([.. Enumerable.Distinct([plan.Source, replaced ?? plan.Source])]);

    /// <summary>Guests are held: copies what they left, and makes it durable.</summary>
    private async ValueTask<BlockCopyResult> CopyRestAsync()
    {
        var result = await Copy.RunAsync(run);
        if (result.Outcome != BlockCopyOutcome.Done)
        {
            return result;
        }
        var status = await target!.FlushAsync(); // held while the job works
        return status == IoStatus.Ok ? result : new(BlockCopyOutcome.Failed, status);
    }

    private async ValueTask<JobError?> HandleFailureAsync(IoStatus status, bool isRead)
    {
        switch (HandleError(isRead ? plan.OnSourceError : plan.OnTargetError, status, isRead))
        {
            case JobErrorAction.Report:
                return JobError.Of(status);
            case JobErrorAction.Ignore:
                // A fault that stays would keep the loop and every client busy with nothing but errors.
                await WaitAsync(retry.Next(Copy.CopiedBytes));
                break;
        }
        return null;
    }

    // A guest's write did not get to the target. It is marked; whether that is the end of the job is for the policy to say.
    private void OnGuestFailed(IoStatus status)
    {
        if (guestError is not null || !IsBodyAlive || IsCancelled)
        {
            return;
        }
        if (HandleError(plan.OnTargetError, status, isRead: false) == JobErrorAction.Report)
        {
            guestError = JobError.Of(status);
            OnInterrupt();
        }
    }

    private async ValueTask WaitAsync(TimeSpan time)
    {
        if (time == TimeSpan.Zero)
        {
            await Task.Yield();
            return;
        }
        await using var timer = Graph.Loop.Time.CreateTimer(
            static signal => ((Core.Async.LoopSignal)signal!).Wake(),
            interrupted,
            time,
            Timeout.InfiniteTimeSpan
        );
        await interrupted.WaitAsync();
    }
}
