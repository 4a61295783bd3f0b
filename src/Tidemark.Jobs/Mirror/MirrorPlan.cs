using Tidemark.Block.Copy.Mirror;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Mirror;

/// <summary>What a mirror is to do, checked: made from the arguments of the several commands that start one.</summary>
internal sealed record MirrorPlan
{
    /// <summary>QMP's JobType: "mirror", or "commit" for a commit of the active image.</summary>
    public required string Type { get; init; }

    /// <summary>The job's id; checked when the job is registered.</summary>
    public required string JobId { get; init; }

    /// <summary>What is mirrored.</summary>
    public required BlockNode Source { get; init; }

    /// <summary>Where to.</summary>
    public required BlockNode Target { get; init; }

    /// <summary>How to copy.</summary>
    public required MirrorSettings Copying { get; init; }

    /// <summary>When what guests write gets to the target.</summary>
    public MirrorCopyMode CopyMode { get; init; }

    /// <summary>Name of the node whose place the target takes; null for the source.</summary>
    public string? Replaces { get; init; }

    /// <summary>Bytes per second, 0 for no limit.</summary>
    public long Speed { get; init; }

    /// <summary>What to do when the source can't be read.</summary>
    public JobErrorPolicy OnSourceError { get; init; }

    /// <summary>What to do when the target can't be written.</summary>
    public JobErrorPolicy OnTargetError { get; init; }

    /// <summary>Name of the filter; null to make one.</summary>
    public string? FilterNodeName { get; init; }

    /// <summary>Whether the job takes its last step by itself.</summary>
    public bool AutoFinalize { get; init; } = true;

    /// <summary>Whether the job goes away by itself.</summary>
    public bool AutoDismiss { get; init; } = true;

    /// <summary>What makes the target complete before anybody moves over to it; throws <see cref="BlockException"/>.</summary>
    public Func<ValueTask>? Complement { get; init; }

    /// <summary>Whether the target is an image of the source's own chain (commit of the active image).</summary>
    public bool IsCommit => Type == "commit";

    /// <summary>Checks blockdev-mirror's arguments in the order in which the reference does; throws <see cref="BlockException"/>.</summary>
    public static MirrorPlan Check(BlockGraph graph, MirrorArguments arguments)
    {
        var source = graph.Require(arguments.Device);
        source.RequireRoot();
        var target = graph.Require(arguments.Target);
        var granularity = CheckGranularity(arguments.Granularity ?? 0, target);
        source.RequireUnblocked(BlockOperation.MirrorSource);
        target.RequireUnblocked(BlockOperation.MirrorTarget);
        if (arguments.Replaces is { } replaced)
        {
            CheckReplaced(graph, source, replaced);
        }
        CheckSync(arguments.Sync);
        var buffer = arguments.BufSize ?? 0;
        if (buffer < 0)
        {
            throw Invalid("Invalid parameter 'buf-size'");
        }
        if (ReferenceEquals(source, target))
        {
            throw Invalid("Can't mirror node into itself");
        }
        return new()
        {
            Type = "mirror",
            JobId = arguments.JobId ?? BlockJob.DefaultId(source),
            Source = source,
            Target = target,
            Copying = new()
            {
                Granularity = granularity,
                BufferBytes = buffer,
                Start = StartOf(arguments.Sync, arguments.TargetIsZero),
                Base = arguments.Sync == MirrorSync.Top ? source.BackingNode : null,
            },
            CopyMode = arguments.CopyMode,
            Replaces = arguments.Replaces,
            Speed = arguments.Speed ?? 0,
            OnSourceError = arguments.OnSourceError,
            OnTargetError = arguments.OnTargetError,
            FilterNodeName = arguments.FilterNodeName,
            AutoFinalize = arguments.AutoFinalize,
            AutoDismiss = arguments.AutoDismiss,
        };
    }

    private static MirrorStart StartOf(MirrorSync sync, bool targetIsZero) =>
        sync switch
        {
            MirrorSync.None => MirrorStart.Nothing,
            MirrorSync.Full when !targetIsZero => MirrorStart.Everything,
            _ => MirrorStart.Allocated,
        };

    private static long CheckGranularity(long granularity, BlockNode target) =>
        granularity == 0 ? target.Bitmaps.DefaultGranularity
        : granularity is < Limits.LeastMirrorGranularity or > Limits.GreatestMirrorGranularity
            ? throw Invalid("Parameter 'granularity' expects a value in range [512B, 64MB]")
        : long.IsPow2(granularity) ? granularity
        : throw Invalid("Parameter 'granularity' expects a power of 2");

    private static void CheckReplaced(BlockGraph graph, BlockNode source, string name)
    {
        var replaced =
            graph.FindNode(name)
            ?? throw new BlockException(BlockErrorKind.NotFound, $"Failed to find node with node-name='{name}'");
        replaced.RequireUnblocked(BlockOperation.Replace);
        // Only below filters is everybody sure to see what the source shows.
        var node = source;
        while (!ReferenceEquals(node, replaced))
        {
            node =
                node.FilteredChild?.Node
                ?? throw Invalid(
                    $"Cannot replace '{name}' by a node mirrored from '{source.Name}', because it cannot be guaranteed "
                        + "that doing so would not lead to an abrupt change of visible data"
                );
        }
        if (replaced.SizeBytes != source.SizeBytes)
        {
            throw Invalid("cannot replace image with a mirror image of different size");
        }
    }

    private static void CheckSync(MirrorSync sync)
    {
        if (sync is MirrorSync.Incremental or MirrorSync.Bitmap)
        {
            throw Invalid($"Sync mode '{sync.ToWord()}' not supported");
        }
    }

    private static BlockException Invalid(string message) => new(BlockErrorKind.InvalidOptions, message);
}
