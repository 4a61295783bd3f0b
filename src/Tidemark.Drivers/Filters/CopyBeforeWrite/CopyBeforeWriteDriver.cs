using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Block.Copy;
using Tidemark.Block.Graph;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Filters.CopyBeforeWrite;

/// <summary>
/// Driver "copy-before-write": before a write goes ahead to the child "file", what it overwrites is saved to the child "target".
/// See README.md.
/// </summary>
internal sealed partial class CopyBeforeWriteDriver : BlockDriver, ICopyBeforeWriteFilter
{
    public static readonly DriverDefinition Definition = DriverDefinition.For(
        ICopyBeforeWriteFilter.DriverName,
        DriverKind.Filter,
        static () => CopyBeforeWriteOptions.Codec,
        OpenAsync
    ) with
    {
        CanReopen = false,
        ChildNames = ["file", "target"],
    };

    /// <summary>Largest unit that may be asked for, bytes: a guest's write waits for whole units.</summary>
    private const ulong LargestCluster = 64 << 20;

    private readonly BlockChild file;
    private readonly BlockChild target;
    private readonly OnCbwError onError;
    private readonly TimeSpan timeout;

    private CopyBeforeWriteDriver(BlockNode node, BlockChild file, BlockChild target, CopyBeforeWriteOptions options)
        : base(node)
    {
        this.file = file;
        this.target = target;
        onError = options.OnCbwError;
        timeout = TimeSpan.FromSeconds(options.CbwTimeout);
        Copy = new BlockCopy(file, target, (long)(options.MinClusterSize ?? 0));
    }

    public BlockCopy Copy { get; }

    // Whoever opens the disk again wants it without the job.
    public override string? ExactFilename => NodeFilename.Of(file.Node);

    public override long SizeBytes => file.SizeBytes;

    public override BlockLimits Limits => file.Node.Limits with { RequestAlignment = 1 };

    public override int ClusterSize => file.Node.Driver.ClusterSize;

    public override bool SupportsFua => file.Node.Driver.SupportsFua;

    // A guest's flush is about the guest's data; a slow or failing target is none of its business.
    public override bool FlushesThrough(BlockChild child) => ReferenceEquals(child, file);

    public override ChildPermissions GetChildPermissions(BlockChild child, BlockPermissions required, BlockPermissions shared)
    {
        if ((child.Role & ChildRole.Filtered) == 0)
        {
            // Others may write to the target: guests do, when the source is in its backing chain. Its size was checked once.
            return new(BlockPermissions.Write, BlockPermissions.All & ~BlockPermissions.Resize);
        }
        var (below, bears) = ChildPermissions.ForFilter(required, shared);
        if (Node.Parents.Count > 0)
        {
            // Whoever wrote to the source past this filter would change what is to be saved.
            bears &= ~(BlockPermissions.Write | BlockPermissions.Resize);
            if ((below & BlockPermissions.Write) != 0)
            {
                below |= BlockPermissions.ConsistentRead;
            }
        }
        return new(Copy.DiscardsSource ? below | BlockPermissions.Write : below, bears);
    }

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        file.ReadAsync(range, target, flags);

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        var save = Copy.SaveAsync(range);
        if (!save.IsCompletedSuccessfully)
        {
            return SaveAndWriteAsync(save, range, data, flags);
        }
        var result = save.Result;
        return result.Status == IoStatus.Ok && !IsBeingRead(range)
            ? file.WriteAsync(range, data, flags)
            : SaveAndWriteAsync(new(result), range, data, flags);
    }

    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags)
    {
        var save = Copy.SaveAsync(range);
        if (!save.IsCompletedSuccessfully)
        {
            return SaveAndWriteZeroesAsync(save, range, flags);
        }
        var result = save.Result;
        return result.Status == IoStatus.Ok && !IsBeingRead(range)
            ? file.WriteZeroesAsync(range, flags)
            : SaveAndWriteZeroesAsync(new(result), range, flags);
    }

    public override async ValueTask<IoStatus> DiscardAsync(ByteRange range)
    {
        var status = await DecideAsync(Copy.SaveAsync(range), range);
        return status == IoStatus.Ok ? await file.DiscardAsync(range) : status;
    }

    public override ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero) =>
        new(
            new BlockStatus(
                IoStatus.Ok,
                BlockStatusFlags.Raw | BlockStatusFlags.OffsetValid,
                range.Length,
                range.Offset,
                file.Node
            )
        );

    public override async ValueTask CloseAsync()
    {
        Copy.Stop();
        await Copy.WaitIdleAsync();
        Copy.Dispose();
        kept?.Dispose();
    }

    private async ValueTask<IoStatus> SaveAndWriteAsync(
        ValueTask<SaveResult> save,
        ByteRange range,
        ReadOnlyMemory<byte> data,
        RequestFlags flags
    )
    {
        var status = await DecideAsync(save, range);
        return status == IoStatus.Ok ? await file.WriteAsync(range, data, flags) : status;
    }

    private async ValueTask<IoStatus> SaveAndWriteZeroesAsync(ValueTask<SaveResult> save, ByteRange range, RequestFlags flags)
    {
        var status = await DecideAsync(save, range);
        return status == IoStatus.Ok ? await file.WriteZeroesAsync(range, flags) : status;
    }

    /// <summary>Waits for the saving and for who reads the past there, and gives Ok if the write may go ahead, saved or not.</summary>
    private async ValueTask<IoStatus> DecideAsync(ValueTask<SaveResult> save, ByteRange range)
    {
        var (status, isRead) = timeout == TimeSpan.Zero || save.IsCompleted ? await save : await WaitAsync(save);
        if (status != IoStatus.Ok)
        {
            if (onError == OnCbwError.BreakGuestWrite)
            {
                return status;
            }
            Copy.Break(status, isRead);
        }
        while (IsBeingRead(range))
        {
            await readEnded.WaitAsync();
        }
        return IoStatus.Ok;
    }

    private async ValueTask<SaveResult> WaitAsync(ValueTask<SaveResult> save)
    {
        var outcome = new Completion<SaveResult>();
        await using var timer = Node.Graph.Loop.Time.CreateTimer(
            static state => _ = ((Completion<SaveResult>)state!).TrySet(new(IoStatus.TimedOut)),
            outcome,
            timeout,
            Timeout.InfiniteTimeSpan
        );
        Forward(save, outcome);
        return await outcome.Task;
    }

    // The saving goes on after the guest has given it up: a drained section waits for it.
    private async void Forward(ValueTask<SaveResult> save, Completion<SaveResult> outcome)
    {
        Node.BeginBackground();
        var result = await save;
        Node.EndBackground();
        _ = outcome.TrySet(result);
    }

    private static async ValueTask<BlockDriver> OpenAsync(NodeOpenContext context, CopyBeforeWriteOptions options)
    {
        CheckCluster(options.MinClusterSize);
        var source = await context.AttachChildAsync("file", ChildRole.Filtered | ChildRole.Primary);
        var saved = await context.AttachChildAsync("target", ChildRole.Data);
        var bitmap = options.Bitmap is { } name ? FindBitmap(context, name) : null;
        if (bitmap is not null && bitmap.SizeBytes != source.SizeBytes)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"Bitmap '{bitmap.Name}' is not of the size of the node");
        }
        var driver = new CopyBeforeWriteDriver(context.Node, source, saved, options);
        if (!saved.Node.Driver.TellsClusterSize)
        {
            context.Graph.Tell(
                "warning: The target block device doesn't provide information about the block size and it doesn't have a backing file. "
                    + $"The default block size of {driver.Copy.ClusterSize} bytes is used. If the actual block size of the target "
                    + "exceeds this default, the backup may be unusable"
            );
        }
        if (bitmap is not null)
        {
            driver.Restrict(bitmap.Content);
        }
        return driver;
    }

    private static void CheckCluster(ulong? bytes)
    {
        if (bytes > LargestCluster)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"min-cluster-size too large: {bytes} > {LargestCluster}");
        }
        if (bytes is { } size and > 0 && !ulong.IsPow2(size))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "min-cluster-size needs to be a power of 2");
        }
    }

    private static DirtyBitmap FindBitmap(NodeOpenContext context, BitmapName name)
    {
        if (!context.Graph.TryFind(name.Node, out var node))
        {
            throw new BlockException(BlockErrorKind.NotFound, $"Node '{name.Node}' not found");
        }
        var bitmap =
            node.Bitmaps.Find(name.Name)
            ?? throw new BlockException(BlockErrorKind.NotFound, $"Dirty bitmap '{name.Name}' not found");
        bitmap.Check(BitmapAccess.Read);
        return bitmap;
    }
}
