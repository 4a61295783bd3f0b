using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Jobs.Chain;

namespace Tidemark.Jobs.Commit;

/// <summary>
/// Writes what images in the middle of a chain have down into a lower one, and takes them out of the chain (block-commit below the
/// active layer). Nobody writes to them meanwhile:
/// <code>
///   before    active ─▶ top ─▶ middle ─▶ base
///   at work   active ─▶ commit_top ─▶ top ─▶ middle ─▶ base ◀── the job's writes
///   after     active ─▶ base
/// </code>
/// </summary>
internal sealed class CommitJob : ChainJob
{
    private readonly CommitPlan plan;
    private readonly BlockNode lower;
    private readonly BlockNode bottom;
    private BlockNode? filter;
    private BlockBackend? reader;
    private BlockBackend? writer;
    private IReadOnlyList<BlockChild> frozen = [];
    private bool baseWasReadOnly;

    private CommitJob(JobContext context, CommitPlan plan)
        : base(context.Jobs, new(plan.JobId, plan.Arguments.AutoFinalize, plan.Arguments.AutoDismiss), context.Graph)
    {
        this.plan = plan;
        lower = plan.Base;
        bottom = plan.Top.FindAbove(lower) ?? throw Invariant.Unreachable("the base is below the top");
    }

    /// <inheritdoc/>
    public override string Type => "commit";

    /// <inheritdoc/>
    protected override JobErrorPolicy ErrorPolicy => plan.Arguments.OnError;

    /// <inheritdoc/>
    protected override bool LeavesOutIgnored => false;

    /// <summary>Makes the job; throws <see cref="BlockException"/> in the reference's words, and then all is as before.</summary>
    public static async ValueTask<CommitJob> CreateAsync(JobContext context, CommitPlan plan)
    {
        var job = new CommitJob(context, plan);
        job.RegisterWithSpeed(plan.Arguments.Speed ?? 0);
        try
        {
            await job.PrepareChainAsync();
            return job;
        }
        catch (BlockException)
        {
            await job.LetGoAsync(job.plan.Top);
            job.Become(JobStatus.Null);
            throw;
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask<JobError?> RunAsync()
    {
        // Whoever asked for the job hears of it before anything else happens.
        await Task.Yield();
        if (lower.SizeBytes < plan.Top.SizeBytes)
        {
            try
            {
                await writer!.TruncateAsync(plan.Top.SizeBytes, exact: false, PreallocationMode.Off); // made with the job
            }
            catch (BlockException error)
            {
                return JobError.Of(error.Status);
            }
        }
        Total = plan.Top.SizeBytes;
        return await MoveAllAsync();
    }

    /// <inheritdoc/>
    protected override async ValueTask<(IoStatus Status, bool IsWanted, long Length)> AskAsync(ByteRange range)
    {
        var answer = (await plan.Top.BlockStatusAboveAsync(bottom, includeBase: true, range, wantZero: false)).Block;
        return (answer.Status, answer.IsAllocated, answer.Length);
    }

    /// <inheritdoc/>
    protected override async ValueTask<(IoStatus Status, bool IsRead)> MoveAsync(ByteRange piece)
    {
        var answer = (await plan.Top.BlockStatusAboveAsync(bottom, includeBase: true, piece, wantZero: false)).Block;
        if (answer is { Status: IoStatus.Ok, IsZero: true } && answer.Length == piece.Length)
        {
            return (await writer!.WriteZeroesAsync(piece, RequestFlags.MayUnmap), false); // made with the job
        }
        using var buffer = AlignedBufferPool.Shared.Rent((int)piece.Length);
        var status = await reader!.ReadAsync(piece, buffer.Memory, RequestFlags.Background); // likewise
        return status != IoStatus.Ok
            ? (status, true)
            : (await writer!.WriteAsync(piece, buffer.Memory, RequestFlags.Background), false);
    }

    /// <inheritdoc/>
    protected override async ValueTask<JobError?> PrepareAsync()
    {
        // What the images above had must be there for good before they are told to look for it there.
        var status = await lower.FlushAsync();
        if (status != IoStatus.Ok)
        {
            return JobError.Of(status);
        }
        // Whoever reads from the base from now on may not bear others' writes.
        await LetGoOfDataAsync();
        try
        {
            await TakeOutAsync();
            return null;
        }
        catch (BlockException error)
        {
            Graph.Warn(error.Message);
            return JobError.Of(error.Status);
        }
    }

    /// <inheritdoc/>
    protected override ValueTask CleanAsync() => LetGoAsync(plan.Top);

    private async ValueTask PrepareChainAsync()
    {
        baseWasReadOnly = lower.IsReadOnly;
        if (baseWasReadOnly)
        {
            await Graph.SetReadOnlyAsync(lower, readOnly: false);
        }
        filter = await CommitTopDriver.InsertAsync(plan.Top, plan.Arguments.FilterNodeName);
        frozen = BlockGraph.FreezeChain(filter, lower);
        Hold(plan.Device, "main node");
        for (var node = plan.Top; !ReferenceEquals(node, lower); node = node.NextInChain!) // the base is below the top
        {
            // Between the first write to the base and the end nobody sees anything whole there.
            Hold(node, "intermediate node", BlockPermissions.WriteUnchanged | BlockPermissions.Write);
        }
        Hold(lower, "base");
        var needed = BlockPermissions.ConsistentRead | BlockPermissions.Write;
        if (lower.SizeBytes < plan.Top.SizeBytes)
        {
            needed |= BlockPermissions.Resize;
        }
        writer = Use(lower, needed, BlockPermissions.ConsistentRead | BlockPermissions.WriteUnchanged);
        reader = Use(plan.Top, BlockPermissions.None, BlockPermissions.All);
    }

    private static BlockBackend Use(BlockNode node, BlockPermissions needed, BlockPermissions shared)
    {
        var backend = BlockBackend.Create(node, needed, shared);
        backend.HoldsBackWhileDrained = false;
        return backend;
    }

    /// <summary>Lets all users of the top, and the headers of the images among them, go straight to the base. Throws with all as before.</summary>
    private async ValueTask TakeOutAsync()
    {
        var from = filter!; // there from the making of the job to its end
        Thaw();
        var overlays = from
            .Parents.Where(static edge => (edge.Role & ChildRole.Cow) != 0)
            .Select(static edge => edge.Parent.ParentNode!) // only nodes have backing files
            .ToArray();
        await MoveUsersAsync(from, lower);
        try
        {
            foreach (var overlay in overlays)
            {
                await ChainLink.WriteAsync(
                    overlay,
                    plan.Arguments.BackingFile ?? NodeFilename.Of(lower),
                    ChainLink.FormatOf(lower, plan.Arguments.BackingMaskProtocol)
                );
            }
        }
        catch (BlockException)
        {
            await using var edit = await Graph.EditAsync(lower, from);
            foreach (var overlay in overlays)
            {
                edit.Redirect(overlay.BackingChild!, from); // just moved away from there
            }
            edit.Commit();
            throw;
        }
    }

    private async ValueTask MoveUsersAsync(BlockNode from, BlockNode to)
    {
        await using var edit = await Graph.EditAsync(from);
        edit.MoveParents(from, to, static _ => false);
        edit.Commit();
    }

    private void Thaw()
    {
        BlockGraph.UnfreezeChain(frozen);
        frozen = [];
    }

    private async ValueTask LetGoAsync(BlockNode heir)
    {
        Thaw();
        // The job may be the last to hold the chain, and is not done with this node yet.
        lower.AddReference();
        await LetGoOfDataAsync();
        // Users of what was in between want to see it whole, which the job's holds don't grant.
        await ReleaseHoldsAsync();
        var isReadOnlyAgain = baseWasReadOnly && !lower.IsReadOnly;
        if (filter is not null)
        {
            await ChainFilter.RemoveAsync(filter, heir);
        }
        if (isReadOnlyAgain)
        {
            await ChainLink.MakeReadOnlyAgainAsync(lower);
        }
        await lower.Graph.ReleaseAsync(lower);
    }

    private async ValueTask LetGoOfDataAsync()
    {
        foreach (var backend in (BlockBackend?[])[reader, writer])
        {
            if (backend is not null)
            {
                await backend.DisposeAsync();
            }
        }
        (reader, writer) = (null, null);
    }
}
