using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Jobs.Chain;

namespace Tidemark.Jobs.Stream;

/// <summary>
/// Brings what an image reads from its backing files up into the image itself, so that it needs fewer of them (block-stream),
/// while it is being written to:
/// <code>
///   before    users ─▶ image ─▶ middle ─▶ base
///   at work   users ─▶ copy-on-read ─▶ image ─▶ middle ─▶ base      the job fills the image from the middle
///   after     users ─▶ image ─▶ base
/// </code>
/// </summary>
internal sealed class StreamJob : ChainJob
{
    /// <summary>How the job is started.</summary>
    public static readonly JobDefinition Definition = JobDefinition.For(
        "stream",
        "block-stream",
        StreamArguments.Codec,
        static async (context, arguments) => await CreateAsync(context, arguments)
    ) with
    {
        IsAction = false,
    };

    private const BlockPermissions Bearable = BlockPermissions.ConsistentRead | BlockPermissions.WriteUnchanged;

    private readonly StreamPlan plan;
    private readonly BlockNode image;
    private BlockNode? filter;
    private BlockBackend? user;
    private IReadOnlyList<BlockChild> frozen = [];
    private bool imageWasReadOnly;

    private StreamJob(JobContext context, StreamPlan plan)
        : base(context.Jobs, new(plan.JobId, plan.Arguments.AutoFinalize, plan.Arguments.AutoDismiss), context.Graph)
    {
        this.plan = plan;
        image = plan.Image;
    }

    /// <inheritdoc/>
    public override string Type => "stream";

    /// <inheritdoc/>
    protected override JobErrorPolicy ErrorPolicy => plan.Arguments.OnError;

    /// <inheritdoc/>
    protected override bool LeavesOutIgnored => true;

    private bool HasWork => !ReferenceEquals(plan.Bottom, image);

    /// <summary>Makes the job; throws <see cref="BlockException"/> in the reference's words, and then all is as before.</summary>
    public static async ValueTask<StreamJob> CreateAsync(JobContext context, StreamArguments arguments)
    {
        var checkedPlan = StreamPlan.Check(context.Graph, arguments);
        var job = new StreamJob(context, checkedPlan);
        try
        {
            await job.PrepareChainAsync();
            job.RegisterWithSpeed(arguments.Speed ?? 0);
            job.HoldAll();
            return job;
        }
        catch (BlockException)
        {
            await job.LetGoAsync();
            if (job.Status == JobStatus.Created)
            {
                job.Become(JobStatus.Null);
            }
            throw;
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask<JobError?> RunAsync()
    {
        if (!HasWork)
        {
            return null;
        }
        Total = image.SizeBytes;
        // Whoever asked for the job hears of it before anything else happens.
        await Task.Yield();
        return await MoveAllAsync();
    }

    /// <inheritdoc/>
    protected override async ValueTask<(IoStatus Status, bool IsWanted, long Length)> AskAsync(ByteRange range)
    {
        var own = await image.BlockStatusAsync(range, wantZero: false);
        if (own.Status != IoStatus.Ok || own.IsAllocated || image.BackingNode is not { } below)
        {
            return (own.Status, false, own.Length);
        }
        var missing = new ByteRange(range.Offset, Math.Min(range.Length, own.Length));
        var answer = (await below.BlockStatusAboveAsync(plan.Bottom, includeBase: true, missing, wantZero: false)).Block;
        // What lies behind the end of the backing file reads as zeroes without it too.
        return answer is { Status: IoStatus.Ok, Length: 0 }
            ? (IoStatus.Ok, false, missing.Length)
            : (answer.Status, answer.IsAllocated, answer.Length);
    }

    /// <inheritdoc/>
    protected override async ValueTask<(IoStatus Status, bool IsRead)> MoveAsync(ByteRange piece) =>
        (await image.ReadKeepingAsync(piece, default, RequestFlags.Prefetch | RequestFlags.Background), true);

    /// <inheritdoc/>
    protected override async ValueTask<JobError?> PrepareAsync()
    {
        Thaw();
        // It holds on to what is to be taken out of the chain.
        await DropFilterAsync();
        if (image.BackingChild is not { } edge)
        {
            return null;
        }
        var (before, after) = (edge.Node, plan.Bottom.BackingNode);
        try
        {
            if (!ReferenceEquals(before, after))
            {
                await ChangeBackingAsync(after);
            }
        }
        catch (BlockException error)
        {
            Graph.Warn(error.Message);
            return JobError.Of(IoStatus.NotPermitted);
        }
        return await WriteHeaderAsync(before, after);
    }

    /// <inheritdoc/>
    protected override ValueTask CleanAsync() => LetGoAsync();

    private async ValueTask PrepareChainAsync()
    {
        imageWasReadOnly = image.IsReadOnly;
        if (imageWasReadOnly)
        {
            await Graph.SetReadOnlyAsync(image, readOnly: false);
        }
        // Whether it can be frozen, before anything moves.
        BlockGraph.UnfreezeChain(Freeze(plan.Device));
        filter = await InsertFilterAsync();
        // The filter holds the chain down to its bottom; the job says when that ends.
        frozen = BlockGraph.ChainEdges(filter, plan.Bottom);
    }

    private IReadOnlyList<BlockChild> Freeze(BlockNode above)
    {
        try
        {
            return BlockGraph.FreezeChain(above, plan.Bottom);
        }
        catch (BlockException error)
        {
            throw error.Prefixed("Could not create node");
        }
    }

    // What guests read meanwhile need not be read again: it stays.
    private async ValueTask<BlockNode> InsertFilterAsync()
    {
        var options = ChainFilter.Describe("file", plan.Device, plan.Arguments.FilterNodeName);
        var driver = Graph.Drivers.Require("copy-on-read");
        options["bottom"] = new JsonString(plan.Bottom.Name);
        options["read-only"] = JsonBool.False;
        try
        {
            return await ChainFilter.InsertAsync(await Graph.OpenInternalAsync(driver, options), plan.Device);
        }
        catch (BlockException error)
        {
            throw error.Prefixed("Could not create node");
        }
    }

    private void HoldAll()
    {
        var above = filter ?? throw Invariant.Unreachable("the filter stands before anything is held");
        Hold(above, "main node");
        user = BlockBackend.Create(above, BlockPermissions.ConsistentRead, Bearable | BlockPermissions.Write);
        user.HoldsBackWhileDrained = false;
        Hold(image, "active node", Bearable | BlockPermissions.Write);
        for (var node = image.BackingNode; HasWork && node is not null; node = node.NextInChain)
        {
            Hold(node, "intermediate node", Bearable);
            if (ReferenceEquals(node, plan.Bottom))
            {
                break;
            }
        }
    }

    private async ValueTask ChangeBackingAsync(BlockNode? to)
    {
        await using var edit = await Graph.EditAsync(image);
        var edge = image.BackingChild ?? throw Invariant.Unreachable("the job has something to stream from");
        if (to is null)
        {
            edit.RemoveChild(edge);
        }
        else
        {
            edit.Redirect(edge, to);
        }
        edit.Commit();
    }

    private async ValueTask<JobError?> WriteHeaderAsync(BlockNode before, BlockNode? after)
    {
        var named = after?.Image;
        try
        {
            await ChainLink.WriteAsync(
                image,
                named is null ? null : plan.Arguments.BackingFile ?? NodeFilename.Of(named),
                named is null ? null : ChainLink.FormatOf(named, plan.Arguments.BackingMaskProtocol)
            );
            return null;
        }
        catch (BlockException error)
        {
            Graph.Warn(error.Message);
            await using var edit = await Graph.EditAsync(image);
            if (image.BackingChild is { } edge)
            {
                edit.Redirect(edge, before);
            }
            else
            {
                _ = edit.AddChild(image, "backing", ChildRole.Cow, before);
            }
            edit.Commit();
            return JobError.Of(error.Status);
        }
    }

    private void Thaw()
    {
        BlockGraph.UnfreezeChain(frozen);
        frozen = [];
    }

    private async ValueTask DropFilterAsync()
    {
        if (user is not null)
        {
            await user.DisposeAsync();
            user = null;
        }
        if (filter is { } above)
        {
            filter = null;
            await ReleaseHoldAsync(above);
            await ChainFilter.RemoveAsync(above, plan.Device);
        }
    }

    private async ValueTask LetGoAsync()
    {
        Thaw();
        // The job may be the last to hold the chain, and is not done with this node yet.
        image.AddReference();
        await DropFilterAsync();
        await ReleaseHoldsAsync();
        if (imageWasReadOnly && !image.IsReadOnly)
        {
            await ChainLink.MakeReadOnlyAgainAsync(image);
        }
        await image.Graph.ReleaseAsync(image);
    }
}
