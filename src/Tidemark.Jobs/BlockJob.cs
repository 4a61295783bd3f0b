using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Jobs.Mirror;

namespace Tidemark.Jobs;

/// <summary>
/// A job that works on nodes: it pauses while one of them is drained, keeps commands off them, has a speed and an I/O status, and
/// tells of itself by the BLOCK_JOB_ events.
/// </summary>
public abstract class BlockJob : Job
{
    private readonly List<(BlockBackend Backend, BlockNode Blocked)> holds = [];
    private JobIoStatus ioStatus;

    /// <summary>A block job that is not registered yet.</summary>
    protected BlockJob(JobRegistry registry, JobSettings settings, BlockGraph graph)
        : base(registry, settings)
    {
        Graph = graph;
    }

    /// <summary>Limit in bytes per second, 0 for none.</summary>
    public long Speed { get; private set; }

    /// <summary>The graph that it works in.</summary>
    protected BlockGraph Graph { get; }

    private string BlockReason => $"block device is in use by block job: {Type}";

    /// <summary>The job as query-block-jobs shows it.</summary>
    public BlockJobInfo DescribeBlockJob()
    {
        var progress = Progress;
        return new(
            Type,
            Id,
            progress.Total,
            Busy: false,
            ShowsPaused,
            progress.Current,
            Speed,
            ioStatus,
            Ready: Status is JobStatus.Ready or JobStatus.Standby,
            Status,
            AutoFinalize,
            AutoDismiss,
            Error?.Text,
            ShowsActivelySynced
        );
    }

    /// <summary>
    /// block-job-set-speed, bytes per second, 0 for no limit. Throws <see cref="BlockException"/> when it is negative, or the status
    /// does not accept it.
    /// </summary>
    public void SetSpeed(long bytesPerSecond)
    {
        RequireVerb(JobVerb.SetSpeed);
        if (bytesPerSecond < 0)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Parameter 'speed' expects a non-negative value");
        }
        Speed = bytesPerSecond;
        OnSpeed();
    }

    /// <summary>
    /// block-job-change: goes on in another way. Throws <see cref="BlockException"/> when the status does not accept it, the kind of
    /// job knows of none, or it can't be done; then all is as before. The task ends when it is done.
    /// </summary>
    /// <param name="copyMode">What a mirror shall do; null when what is asked for is meant for another kind.</param>
    public ValueTask ChangeAsync(MirrorCopyMode? copyMode)
    {
        RequireVerb(JobVerb.Change);
        return OnChangeAsync(copyMode);
    }

    /// <summary>block-job-cancel: as <see cref="Job.Cancel"/>, but refuses a paused job unless forced.</summary>
    public void CancelBlockJob(bool force)
    {
        if (IsUserPaused && !force)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"The block job for device '{Id}' is currently paused");
        }
        Cancel(force);
    }

    /// <summary>The id of a job that was given none: the name of the device that uses its node, empty if none does.</summary>
    public static string DefaultId(BlockNode node) =>
        node.Parents.Select(static edge => (edge.Parent as BlockBackend)?.Name)
            .FirstOrDefault(static name => !string.IsNullOrEmpty(name))
        ?? "";

    /// <summary>Whether queries show it as paused.</summary>
    protected virtual bool ShowsPaused => IsPaused;

    /// <summary>Of a mirror: whether every acknowledged write is on both sides.</summary>
    protected virtual bool? ShowsActivelySynced => null;

    /// <summary><see cref="ChangeAsync"/>, the status being fit for it.</summary>
    protected virtual ValueTask OnChangeAsync(MirrorCopyMode? copyMode) =>
        throw new BlockException(BlockErrorKind.NotSupported, "Job type does not support change");

    /// <summary>The speed has changed.</summary>
    protected virtual void OnSpeed() { }

    /// <summary>
    /// Holds <paramref name="node"/> for the job's time: a drained section of it pauses the job, and commands other than the job's
    /// are refused. Throws <see cref="BlockException"/> when the permissions conflict with those of others.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="edge">As what the job has it: "main node", "target", …</param>
    /// <param name="shared">What others may do to it meanwhile. The job itself asks for nothing by its hold.</param>
    protected void Hold(BlockNode node, string edge, BlockPermissions shared = BlockPermissions.All)
    {
        var backend = BlockBackend.CreateHold(node, edge, BlockPermissions.None, shared, Id, $"{Type} job '{Id}'");
        backend.HoldsBackWhileDrained = false;
        var listener = new Drain(this);
        backend.DrainListener = listener;
        if (backend.IsDrained)
        {
            ((IDrainListener)listener).OnDrainBegin();
        }
        node.AddBlocker(BlockReason);
        holds.Add((backend, node));
    }

    /// <summary>From now on the nodes that the job holds may become inactive: it is at rest, and wants no more of them than to stay.</summary>
    protected void AllowInactiveNodes() => holds.ForEach(static hold => hold.Backend.AllowsInactive = true);

    /// <summary>Lets go of <paramref name="node"/>, if <see cref="Hold"/> took it.</summary>
    protected async ValueTask ReleaseHoldAsync(BlockNode node)
    {
        foreach (var hold in holds.FindAll(hold => ReferenceEquals(hold.Blocked, node)))
        {
            _ = holds.Remove(hold);
            hold.Blocked.RemoveBlocker(BlockReason);
            // A drained section goes on without it.
            hold.Backend.DrainListener?.OnDrainEnd();
            hold.Backend.DrainListener = null;
            await hold.Backend.DisposeAsync();
        }
    }

    /// <summary>Lets go of all that <see cref="Hold"/> took.</summary>
    protected async ValueTask ReleaseHoldsAsync()
    {
        while (holds.Count > 0)
        {
            await ReleaseHoldAsync(holds[0].Blocked);
        }
    }

    /// <summary>
    /// An error of the source or the target: tells of it and does what the policy says. With <see cref="JobErrorAction.Stop"/> the
    /// job is paused when this returns, and stands at its next pause point.
    /// </summary>
    protected JobErrorAction HandleError(JobErrorPolicy policy, IoStatus status, bool isRead)
    {
        var action = policy.Decide(status);
        Registry.Tell(new JobEvent.Failed(Id, isRead, action));
        if (action == JobErrorAction.Stop)
        {
            if (!IsUserPaused)
            {
                PauseForUser();
            }
            // The first reason stands until somebody resumes the job.
            if (ioStatus == JobIoStatus.Ok)
            {
                ioStatus = status == IoStatus.NoSpace ? JobIoStatus.Nospace : JobIoStatus.Failed;
            }
        }
        return action;
    }

    /// <inheritdoc/>
    protected override void OnUserResume() => ioStatus = JobIoStatus.Ok;

    /// <inheritdoc/>
    protected override void OnQuiet() => Graph.RequestEnded();

    /// <inheritdoc/>
    protected override void OnPending() => Registry.Tell(new JobEvent.Pending(Id, Type));

    /// <inheritdoc/>
    protected override void OnEnded()
    {
        var progress = Progress;
        Registry.Tell(
            IsCancelled
                ? new JobEvent.Cancelled(Id, Type, progress.Total, progress.Current, Speed)
                : new JobEvent.Completed(Id, Type, progress.Total, progress.Current, Speed, Error?.Text)
        );
    }

    /// <summary>Registers the job and takes up its speed: throws what <see cref="Job.Register"/> and <see cref="SetSpeed"/> do, with the job gone.</summary>
    protected void RegisterWithSpeed(long bytesPerSecond)
    {
        Register();
        if (bytesPerSecond == 0)
        {
            return;
        }
        try
        {
            SetSpeed(bytesPerSecond);
        }
        catch (BlockException)
        {
            Become(JobStatus.Null);
            throw;
        }
    }

    private sealed class Drain(BlockJob job) : IDrainListener
    {
        private bool hasPaused;

        bool IDrainListener.IsBusy => job.IsActive;

        void IDrainListener.OnDrainBegin()
        {
            if (!hasPaused)
            {
                hasPaused = true;
                job.BeginPause();
            }
        }

        void IDrainListener.OnDrainEnd()
        {
            if (hasPaused)
            {
                hasPaused = false;
                job.EndPause();
            }
        }
    }
}
