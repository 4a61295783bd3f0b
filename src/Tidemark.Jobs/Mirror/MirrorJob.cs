using Tidemark.Block.Contract;
using Tidemark.Block.Copy;
using Tidemark.Block.Copy.Mirror;
using Tidemark.Block.Graph;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Mirror;

/// <summary>
/// Brings a target into step with a source and keeps it so, until somebody lets the source's users move over to the target
/// (complete), or leaves it as a copy of this moment (cancel of a ready job, unless forced). Life: the filter is put above the
/// source; what is there is copied; ready; what is written is copied; at the end guests are held (drained), the rest is copied,
/// and in the last step the users move. Commit of an active image is the same with an image of the source's chain as target.
/// </summary>
public sealed partial class MirrorJob : BlockJob
{
    /// <summary>How a mirror is started.</summary>
    public static readonly JobDefinition Definition = JobDefinition.For(
        "mirror",
        "blockdev-mirror",
        MirrorArguments.Codec,
        static async (context, arguments) =>
            await CreateAsync(context.Graph, context.Jobs, MirrorPlan.Check(context.Graph, arguments))
    ) with
    {
        IsAction = false,
    };

    private readonly MirrorPlan plan;
    private readonly MirrorFilter filter;
    private readonly BlockCopyRun run;
    private readonly RetryPacing retry = new();
    private readonly LoopSignal interrupted = new();
    private BlockBackend? target;
    private MirrorCopy? copy;
    private IReadOnlyList<BlockChild> frozen = [];
    private JobProgress finalProgress;

    private MirrorJob(JobRegistry registry, MirrorPlan plan, BlockGraph graph, MirrorFilter filter)
        : base(registry, new(plan.JobId, plan.AutoFinalize, plan.AutoDismiss), graph)
    {
        this.plan = plan;
        this.filter = filter;
        run = new BlockCopyRun(graph.Loop);
    }

    /// <inheritdoc/>
    public override string Type => plan.Type;

    /// <inheritdoc/>
    public override JobProgress Progress => copy is null ? finalProgress : new(copy.CopiedBytes, copy.TotalBytes);

    /// <inheritdoc/>
    protected override bool ShowsPaused => base.ShowsPaused || Status == JobStatus.Pending;

    /// <inheritdoc/>
    protected override bool? ShowsActivelySynced => plan.IsCommit ? null : IsActivelySynced;

    /// <summary>Whether source and target are kept equal at every acknowledged write: ready, and guests are followed.</summary>
    public bool IsActivelySynced => copy is { IsFollowingGuests: true, IsInStep: true };

    private MirrorCopy Copy => copy ?? throw Invariant.Unreachable("a mirror at work has its copy");

    private bool IsReady => Status is JobStatus.Ready or JobStatus.Standby;

    /// <summary>
    /// Makes the job; see <see cref="JobDefinition.CreateAsync"/>. Throws <see cref="BlockException"/> in the reference's words, and
    /// then all is as before.
    /// </summary>
    internal static async ValueTask<MirrorJob> CreateAsync(BlockGraph graph, JobRegistry registry, MirrorPlan plan)
    {
        using var drained = await graph.DrainAsync(plan.Source, plan.Target);
        var inserted = await MirrorFilter.InsertAsync(graph, plan);
        var job = new MirrorJob(registry, plan, graph, inserted);
        try
        {
            job.RegisterWithSpeed(plan.Speed);
            await job.TakeHoldAsync();
            return job;
        }
        catch (BlockException)
        {
            await inserted.RemoveAsync();
            throw;
        }
    }

    private async ValueTask TakeHoldAsync()
    {
        const BlockPermissions ButResize = BlockPermissions.All & ~BlockPermissions.Resize;
        try
        {
            Hold(filter.Node, "main node", ButResize);
            Hold(plan.Source, "source", ButResize);
            Hold(plan.Target, "target");
            target = BlockBackend.Create(plan.Target, NeededAtTarget, SharedAtTarget);
            target.HoldsBackWhileDrained = false;
            copy = new MirrorCopy(
                filter.Driver.Below,
                target,
                plan.Copying,
                followsGuests: plan.CopyMode == MirrorCopyMode.WriteBlocking
            )
            {
                GuestFailed = OnGuestFailed,
            };
            filter.Driver.Copy = copy;
            if (plan.IsCommit)
            {
                HoldChain();
            }
        }
        catch (BlockException)
        {
            await LetGoAsync();
            Become(JobStatus.Null);
            throw;
        }
    }

    // What lies between is whole only when read from above: parts of it are in the base already.
    private void HoldChain()
    {
        for (var node = plan.Source.NextInChain; !ReferenceEquals(node, plan.Target); node = node.NextInChain)
        {
            Invariant.That(node is not null, "the target is in the source's chain");
            Hold(node, "intermediate node", BlockPermissions.WriteUnchanged | BlockPermissions.Write);
        }
        frozen = BlockGraph.FreezeChain(filter.Node, plan.Target);
    }

    private BlockPermissions NeededAtTarget =>
        plan.Target.SizeBytes < plan.Source.SizeBytes && plan.IsCommit
            ? BlockPermissions.Write | BlockPermissions.Resize
            : BlockPermissions.Write;

    // Nobody may read a target that is half done, except through the images above it.
    private BlockPermissions SharedAtTarget =>
        plan.IsCommit ? BlockPermissions.All & ~BlockPermissions.Resize : BlockPermissions.WriteUnchanged;

    private async ValueTask LetGoAsync()
    {
        Thaw();
        if (target is not null)
        {
            await target.DisposeAsync();
            target = null;
        }
        await ReleaseHoldsAsync();
    }

    private void Thaw()
    {
        BlockGraph.UnfreezeChain(frozen);
        frozen = [];
    }
}
