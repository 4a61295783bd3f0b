using Tidemark.Block.Copy;
using Tidemark.Block.Graph;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Backup;

/// <summary>
/// Copies a node as it is at the moment of the job's making to another node, while it is being written to (contract J). Life:
/// made in a drained section (filter in, bitmap frozen), started at its end, copies in the background while the filter saves what
/// guests are about to overwrite; at the end the bitmap is handed back and the filter taken away.
/// </summary>
public sealed class BackupJob : BlockJob
{
    /// <summary>How the job is started.</summary>
    public static readonly JobDefinition Definition = JobDefinition.For(
        "backup",
        "blockdev-backup",
        BackupArguments.Codec,
        static async (context, arguments) => await CreateAsync(context.Graph, context.Jobs, arguments)
    );

    private readonly BackupArguments arguments;
    private readonly BackupFilter filter;
    private readonly BackupBitmap? bitmap;
    private readonly BlockNode target;
    private readonly BlockCopyRun run;
    private readonly LoopSignal interrupted = new();
    private readonly RetryPacing retry = new();
    private JobProgress? finalProgress;
    private long skipPosition;
    private bool skipped;

    private BackupJob(JobRegistry registry, BackupPlan plan, BlockGraph graph, BackupFilter filter, BackupBitmap? bitmap)
        : base(registry, new(plan.JobId, plan.Arguments.AutoFinalize, plan.Arguments.AutoDismiss), graph)
    {
        arguments = plan.Arguments;
        this.filter = filter;
        this.bitmap = bitmap;
        target = plan.Target;
        run = new BlockCopyRun(graph.Loop);
        skipped = arguments.Sync != BackupSync.Top;
        // A set bit in the copy's bitmap is a promise to save: what the bitmap does not have is not saved for anybody.
        if (arguments.Sync is BackupSync.Incremental or BackupSync.Bitmap)
        {
            Copy.Restrict(bitmap!.Content); // the plan made sure that these have one
        }
        Copy.Broken = OnBroken;
    }

    /// <inheritdoc/>
    public override string Type => "backup";

    /// <inheritdoc/>
    public override JobProgress Progress => finalProgress ?? new(Copy.CopiedBytes, Copy.TotalBytes);

    /// <summary>
    /// Whether the target closes with the job. Then it is flushed before the job succeeds: nobody hears of what fails when it closes.
    /// </summary>
    internal bool ClosesTarget { get; set; }

    private BlockCopy Copy => filter.Copy;

    /// <summary>
    /// Makes a backup job; see <see cref="JobDefinition.CreateAsync"/>. The source and all its users must be in a drained section. Throws
    /// <see cref="BlockException"/> in the reference's words, and then all is as before.
    /// </summary>
    public static async ValueTask<BackupJob> CreateAsync(BlockGraph graph, JobRegistry registry, BackupArguments arguments)
    {
        var plan = BackupPlan.Check(graph, arguments);
        var inserted = await BackupFilter.InsertAsync(graph, plan);
        BackupBitmap? frozen = null;
        BackupJob? job = null;
        try
        {
            plan.CheckChunk(inserted.Copy.ClusterSize);
            inserted.Copy.Configure(plan.Copying);
            frozen = plan.Bitmap is { } found ? new BackupBitmap(found, plan.Mode) : null;
            job = new BackupJob(registry, plan, graph, inserted, frozen);
            job.Hold(inserted.Node, "main node");
            job.Hold(plan.Target, "target");
            job.RegisterWithSpeed(arguments.Speed ?? 0);
            return job;
        }
        catch (BlockException)
        {
            frozen?.GiveUp();
            if (job is not null)
            {
                await job.ReleaseHoldsAsync();
            }
            await inserted.RemoveAsync();
            throw;
        }
    }

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
            var (outcome, status, isRead) = await WorkAsync();
            switch (outcome)
            {
                case BlockCopyOutcome.Done:
                    return null;
                case BlockCopyOutcome.Broken:
                    // There is nothing to try again: the point in time is gone.
                    _ = HandleError(JobErrorPolicy.Report, status, isRead);
                    return JobError.Of(status);
                case BlockCopyOutcome.Failed:
                    var policy = isRead ? arguments.OnSourceError : arguments.OnTargetError;
                    if (IsCancelled)
                    {
                        break;
                    }
                    var action = HandleError(policy, status, isRead);
                    if (action == JobErrorAction.Report)
                    {
                        return JobError.Of(status);
                    }
                    if (action == JobErrorAction.Ignore)
                    {
                        await BackOffAsync();
                    }
                    break;
            }
        }
        return null;
    }

    /// <inheritdoc/>
    protected override ValueTask CommitAsync()
    {
        Copy.Stop();
        bitmap?.Succeed();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async ValueTask AbortAsync()
    {
        Copy.Stop();
        // What guests' writes are saving just now counts as saved or not only when it has ended.
        await Copy.WaitIdleAsync();
        if (!IsStarted)
        {
            bitmap?.GiveUp();
            return;
        }
        if (bitmap?.ForgetsAfterFailure(ClosesTarget) == true && await MakeDurableAsync() != IoStatus.Ok)
        {
            // Nothing of it is known to be on the medium: all that was to be copied is left.
            Remember();
        }
        bitmap?.Fail(Copy.Remaining);
    }

    /// <inheritdoc/>
    protected override async ValueTask CleanAsync()
    {
        finalProgress = Progress;
        Copy.Broken = null;
        await ReleaseHoldsAsync();
        await filter.RemoveAsync();
    }

    /// <inheritdoc/>
    protected override void OnInterrupt()
    {
        run.Interrupt();
        interrupted.Wake();
    }

    /// <inheritdoc/>
    protected override void OnForceCancel() => filter.CancelInFlight();

    /// <inheritdoc/>
    protected override void OnSpeed() => run.SetSpeed(Speed);

    /// <inheritdoc/>
    protected override void OnUserResume()
    {
        base.OnUserResume();
        retry.Reset();
    }

    private void Remember()
    {
        if (arguments.Sync is BackupSync.Full or BackupSync.Top)
        {
            Copy.Remaining.SetAll();
        }
        else
        {
            Copy.Restrict(bitmap!.Content); // such a backup has one
        }
    }

    private void OnBroken()
    {
        interrupted.Wake();
        run.Interrupt();
    }

    private async ValueTask<BlockCopyResult> WorkAsync()
    {
        if (Copy.IsBroken)
        {
            return new(BlockCopyOutcome.Broken, Copy.BrokenStatus, Copy.BrokenByRead);
        }
        if (arguments.Sync == BackupSync.None)
        {
            // The filter does it all.
            await interrupted.WaitAsync();
            return new(BlockCopyOutcome.Interrupted);
        }
        run.Rearm();
        if (!skipped)
        {
            (var status, skipPosition) = await Copy.SkipUnallocatedAsync(run, skipPosition);
            if (status != IoStatus.Ok)
            {
                return new(BlockCopyOutcome.Failed, status, IsRead: true);
            }
            if (run.IsInterrupted)
            {
                return new(BlockCopyOutcome.Interrupted);
            }
            skipped = true;
        }
        var result = await Copy.RunAsync(run);
        if (result.Outcome != BlockCopyOutcome.Done || !(ClosesTarget || bitmap is { ForgetsAfterSuccess: true }))
        {
            return result;
        }
        var durable = await MakeDurableAsync();
        return durable == IoStatus.Ok ? result : new(BlockCopyOutcome.Failed, durable);
    }

    // What a persistent bitmap forgets must outlast a loss of power in the target: the bitmap without it will.
    private ValueTask<IoStatus> MakeDurableAsync() => target.FlushAsync();

    // A fault that stays would keep the loop and every client busy with nothing but errors.
    private async ValueTask BackOffAsync()
    {
        var delay = retry.Next(Copy.CopiedBytes);
        if (delay > TimeSpan.Zero)
        {
            await using var timer = Graph.Loop.Time.CreateTimer(
                static signal => ((LoopSignal)signal!).Wake(),
                interrupted,
                delay,
                Timeout.InfiniteTimeSpan
            );
            await interrupted.WaitAsync();
        }
        else
        {
            await Task.Yield();
        }
    }
}
