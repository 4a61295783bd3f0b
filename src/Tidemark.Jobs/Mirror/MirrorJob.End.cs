using Tidemark.Block.Copy;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Mirror;

// What users ask of it, and its last steps.
public sealed partial class MirrorJob
{
    /// <inheritdoc/>
    protected override void OnInterrupt()
    {
        run.Interrupt();
        interrupted.Wake();
        copy?.Stir();
    }

    /// <inheritdoc/>
    protected override void OnSpeed()
    {
        // Once it is ready it must not fall behind its guests, and at the end they wait for it.
        if (!IsReady)
        {
            run.SetSpeed(Speed);
        }
    }

    /// <inheritdoc/>
    protected override bool EndsInItsOwnTime => true;

    /// <inheritdoc/>
    protected override void OnForceCancel() => plan.Target.Driver.CancelInFlight();

    /// <inheritdoc/>
    protected override void OnUserResume()
    {
        base.OnUserResume();
        retry.Reset();
    }

    /// <inheritdoc/>
    protected override void OnComplete()
    {
        if (endsSoftly)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"The active block job '{Id}' cannot be completed");
        }
        if (plan.Replaces is { } name)
        {
            replaced = Graph.FindNode(name) ?? throw new BlockException(BlockErrorKind.NotFound, $"Node name '{name}' not found");
        }
        completes = true;
        Look();
    }

    /// <inheritdoc/>
    protected override bool TryEndSoftly()
    {
        if (!IsReady)
        {
            return false;
        }
        endsSoftly = true;
        Look();
        return true;
    }

    /// <inheritdoc/>
    protected override async ValueTask<JobError?> PrepareAsync()
    {
        if (last is null)
        {
            last = await HoldGuestsAsync();
            run.Rearm();
            var (outcome, status, isRead) = await CopyRestAsync();
            if (outcome != BlockCopyOutcome.Done)
            {
                _ = HandleError(JobErrorPolicy.Report, status, isRead);
                return JobError.Of(status);
            }
        }
        Copy.Stop();
        if (endsSoftly)
        {
            return null;
        }
        try
        {
            // Its own use of the target is over; others' may begin.
            await target!.DisposeAsync(); // held until now
            target = null;
            Thaw();
            if (plan.Complement is { } complement)
            {
                await complement();
            }
            if (plan.Target.IsReadOnly != plan.Source.IsReadOnly)
            {
                await Graph.SetReadOnlyAsync(plan.Target, plan.Source.IsReadOnly);
            }
            await filter.PivotAsync(replaced ?? plan.Source, plan.Target);
            return null;
        }
        catch (BlockException error)
        {
            return new JobError(error.Status, error.Message);
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask CleanAsync()
    {
        Copy.Stop();
        // No guest's write may be on its way to the target when that goes.
        last ??= await HoldGuestsAsync();
        finalProgress = Progress;
        Copy.GuestFailed = null;
        await LetGoAsync();
        await filter.RemoveAsync();
        Copy.Dispose();
        copy = null;
        last?.Dispose();
        last = null;
    }

    private void Look()
    {
        interrupted.Wake();
        copy?.Stir();
    }
}
