using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Filters.Preallocate;

/// <summary>Driver "preallocate": a file that grows write by write grows by large steps instead. See README.md.</summary>
internal sealed class PreallocateDriver : PassThroughDriver
{
    public static readonly DriverDefinition Definition = DriverDefinition.For(
        "preallocate",
        DriverKind.Filter,
        static () => PreallocateOptions.Codec,
        OpenAsync
    ) with
    {
        ChangeableOptions = ["prealloc-align", "prealloc-size"],
        ChildNames = ["file"],
    };

    private const BlockPermissions Needed = BlockPermissions.Write | BlockPermissions.Resize;

    private readonly LoopMutex growing = new();
    private PreallocateOptions options;

    // What users know as the size, and how far the file reaches: beyond what users know it is ours, and zero. -1: as the file.
    private long dataEnd = -1;
    private long fileEnd;

    private PreallocateDriver(BlockNode node, BlockChild file, PreallocateOptions options)
        : base(node, file) => this.options = options;

    public override long SizeBytes => dataEnd >= 0 ? dataEnd : Below.SizeBytes;

    private bool HasSpare => dataEnd >= 0 && fileEnd > dataEnd;

    // What lies behind the data must be cut off in the end, even when nobody writes any more.
    public override ChildPermissions GetChildPermissions(BlockChild child, BlockPermissions required, BlockPermissions shared)
    {
        var (below, bears) = ChildPermissions.ForFilter(required, shared);
        return HasSpare ? new(below | Needed, bears & ~Needed) : new(below, bears);
    }

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        return range.End <= SizeBytes ? Below.WriteAsync(range, data, flags) : GrowAndWriteAsync();

        async ValueTask<IoStatus> GrowAndWriteAsync()
        {
            await GrowAsync(range.End);
            var status = await Below.WriteAsync(range, data, flags);
            return Grown(range, status);
        }
    }

    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags)
    {
        return range.End <= SizeBytes ? Below.WriteZeroesAsync(range, flags) : GrowAndWriteAsync();

        async ValueTask<IoStatus> GrowAndWriteAsync()
        {
            await GrowAsync(range.End);
            var status = await Below.WriteZeroesAsync(range, flags);
            return Grown(range, status);
        }
    }

    public override async ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation)
    {
        await growing.EnterAsync();
        try
        {
            await Below.TruncateAsync(sizeBytes, exact, preallocation);
            dataEnd = -1;
        }
        finally
        {
            growing.Exit();
        }
    }

    public override ValueTask<ReopenStep> PrepareReopenAsync(NodeOptions options)
    {
        var parsed = PreallocateOptions.Codec.Parse(options.DriverOptions, SchemaMode.Lenient);
        parsed.Check(Below.Node);
        return new(new Step(this, parsed));
    }

    public override async ValueTask CloseAsync()
    {
        if (!HasSpare)
        {
            return;
        }
        try
        {
            await Below.TruncateAsync(dataEnd, exact: true, PreallocationMode.Off);
        }
        catch (BlockException error)
        {
            Node.Graph.Warn($"Failed to cut off what node '{Node.Name}' had allocated ahead: {error.Message}");
        }
    }

    /// <summary>Makes the file reach beyond <paramref name="end"/>, if that can be done without writing data.</summary>
    private async ValueTask GrowAsync(long end)
    {
        await growing.EnterAsync();
        try
        {
            if (dataEnd < 0)
            {
                (dataEnd, fileEnd) = (Below.SizeBytes, Below.SizeBytes);
            }
            var target = Target(end);
            if (end <= fileEnd || (Below.Required & Needed) != Needed || target <= fileEnd)
            {
                return;
            }
            var status = await Below.WriteZeroesAsync(ByteRange.Between(fileEnd, target), RequestFlags.NoFallback);
            if (status == IoStatus.Ok)
            {
                fileEnd = target;
            }
        }
        finally
        {
            growing.Exit();
        }
    }

    private long Target(long end)
    {
        var unit = (long)Math.Clamp(options.PreallocAlign, 1, 1UL << 40);
        var ahead = (long)Math.Min(options.PreallocSize, 1UL << 50);
        return end > long.MaxValue / 2 - ahead ? end : (end + ahead + unit - 1) / unit * unit;
    }

    private IoStatus Grown(ByteRange range, IoStatus status)
    {
        // Another may have cut the file meanwhile: then its size counts.
        if (status == IoStatus.Ok && dataEnd >= 0)
        {
            dataEnd = Math.Max(dataEnd, range.End);
            fileEnd = Math.Max(fileEnd, dataEnd);
        }
        return status;
    }

    private static async ValueTask<BlockDriver> OpenAsync(NodeOpenContext context, PreallocateOptions options)
    {
        var file = await context.AttachChildAsync("file", ChildRole.Filtered | ChildRole.Primary);
        options.Check(file.Node);
        return new PreallocateDriver(context.Node, file, options);
    }

    private sealed class Step(PreallocateDriver driver, PreallocateOptions options) : ReopenStep
    {
        public override ValueTask CommitAsync()
        {
            driver.options = options;
            return ValueTask.CompletedTask;
        }
    }
}
