using Tidemark.Block.Contract;
using Tidemark.Block.Create;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Jobs.Mirror;

/// <summary>
/// drive-mirror: a mirror whose target is made or opened by the command itself. It is open without its backing file while the job
/// works; who moves over to it finds the backing file there.
/// </summary>
internal static class DriveMirror
{
    public static readonly JobDefinition Definition = JobDefinition.For(
        "mirror",
        "drive-mirror",
        DriveMirrorArguments.Codec,
        static async (context, arguments) => await CreateAsync(context, arguments)
    ) with
    {
        IsAction = false,
    };

    private static async ValueTask<MirrorJob> CreateAsync(JobContext context, DriveMirrorArguments arguments)
    {
        var graph = context.Graph;
        var source = graph.Require(arguments.Device);
        source.RequireRoot();
        var backing = arguments.Sync == MirrorSync.None ? source : source.BackingNode;
        // Nothing lies below: all of it is on top.
        var sync = arguments.Sync == MirrorSync.Top && backing is null ? MirrorSync.Full : arguments.Sync;
        if (arguments.Replaces is not null && arguments.NodeName is null)
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                "a node-name must be provided when replacing a named node of the graph"
            );
        }
        var isNew = arguments.Mode != NewImageMode.Existing;
        var format = arguments.Format ?? (isNew ? source.Definition.Name : null);
        if (isNew)
        {
            await NewImage.CreateAsync(
                graph,
                arguments.Target,
                format!, // a new one has a format
                source.SizeBytes,
                sync == MirrorSync.Full ? null : backing
            );
        }
        var target = await NewImage.OpenOverlayAsync(graph, arguments.Target, format, arguments.NodeName, source, isTarget: true);
        try
        {
            var isZero = isNew && await IsZeroAsync(target);
            var plan = MirrorPlan.Check(graph, arguments.ToMirror(target.Name, sync, isZero));
            return await MirrorJob.CreateAsync(
                graph,
                context.Jobs,
                plan with
                {
                    Copying = plan.Copying with { MayUnmap = arguments.Unmap },
                    Complement = isNew
                        ? () => AttachAsync(target, sync == MirrorSync.Full ? null : backing)
                        : () => AttachNamedAsync(target),
                }
            );
        }
        finally
        {
            // The job holds it now, or nobody does and it closes.
            await graph.ReleaseAsync(target);
        }
    }

    // A new file on a device may have old content.
    private static async ValueTask<bool> IsZeroAsync(BlockNode target)
    {
        if (target.SizeBytes == 0)
        {
            return true;
        }
        var all = new ByteRange(0, target.SizeBytes);
        var answer = (await target.BlockStatusAboveAsync(null, includeBase: false, all, wantZero: true)).Block;
        return answer is { Status: IoStatus.Ok, IsZero: true } && answer.Length == all.Length;
    }

    /// <summary>Gives the target the node that its header names as backing file. Throws <see cref="BlockException"/>.</summary>
    private static async ValueTask AttachAsync(BlockNode target, BlockNode? backing)
    {
        if (backing is not null)
        {
            await using var edit = await target.Graph.EditAsync(target, backing);
            edit.SetBacking(target, backing);
            edit.Commit();
        }
    }

    /// <summary>Opens the backing file that an existing target's header names, if any.</summary>
    private static async ValueTask AttachNamedAsync(BlockNode target)
    {
        if (target.Driver is not IBackingFileDriver { BackingFileName: { Length: > 0 } name } image)
        {
            return;
        }
        var graph = target.Graph;
        var path = FilenameParser.Resolve(target.PrimaryChild?.Node.Driver.ExactFilename ?? "", name);
        var backing = await graph.OpenFilenameAsync(path, image.BackingFormat, new() { ["read-only"] = true });
        try
        {
            await AttachAsync(target, backing);
        }
        finally
        {
            await graph.ReleaseAsync(backing);
        }
    }
}
