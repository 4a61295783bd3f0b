using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Commit;

/// <summary>A commit's arguments, checked in the order in which the reference does: it decides which of several mistakes is told.</summary>
/// <param name="Arguments">As they were given.</param>
/// <param name="JobId">The id.</param>
/// <param name="Device">The node at the top of the chain.</param>
/// <param name="Top">The first node whose content is written down.</param>
/// <param name="Base">The node to write into.</param>
/// <param name="IsActive">Whether somebody writes to <paramref name="Top"/>, so that the job has to catch up with him.</param>
internal sealed record CommitPlan(
    CommitArguments Arguments,
    string JobId,
    BlockNode Device,
    BlockNode Top,
    BlockNode Base,
    bool IsActive
)
{
    public static CommitPlan Check(BlockGraph graph, CommitArguments arguments)
    {
        if (!graph.TryFind(arguments.Device, out var device))
        {
            throw new BlockException(BlockErrorKind.DeviceNotFound, $"Device '{arguments.Device}' not found");
        }
        device.RequireRoot();
        device.RequireUnblocked(BlockOperation.Commit);
        var top = FindTop(graph, device, arguments);
        var lower = FindBase(graph, top, arguments);
        for (var node = top; ; node = node.NextInChain!) // the base is below the top
        {
            node.RequireUnblocked(BlockOperation.Commit);
            if (ReferenceEquals(node, lower))
            {
                break;
            }
        }
        if (ReferenceEquals(top, lower))
        {
            throw Invalid("cannot commit an image into itself");
        }
        var isActive =
            ReferenceEquals(top.Image, device.Image)
            || top.Parents.Any(static edge => (edge.Required & BlockPermissions.Write) != 0);
        if (isActive && arguments.BackingFile is not null)
        {
            throw Invalid(
                ReferenceEquals(top.Image, device.Image)
                    ? "'backing-file' specified, but 'top' is the active layer"
                    : "'backing-file' specified, but 'top' has a writer on it"
            );
        }
        if (!isActive && device.FindOverlay(top) is { } overlay)
        {
            overlay.RequireUnblocked(BlockOperation.Commit);
        }
        return new(arguments, arguments.JobId ?? BlockJob.DefaultId(device), device, top, lower, isActive);
    }

    private static BlockNode FindTop(BlockGraph graph, BlockNode device, CommitArguments arguments)
    {
        if (arguments.TopNode is not null && arguments.Top is not null)
        {
            throw Invalid("'top-node' and 'top' are mutually exclusive");
        }
        if (arguments.TopNode is { } nodeName)
        {
            return RequireIn(device, graph.RequireNode(nodeName), nodeName);
        }
        if (arguments.Top is not { } name || name == NodeFilename.Of(device))
        {
            return device;
        }
        return device.FindBacking(name) ?? throw NotFound($"Top image file {name} not found");
    }

    private static BlockNode FindBase(BlockGraph graph, BlockNode top, CommitArguments arguments)
    {
        if (arguments.BaseNode is not null && arguments.Base is not null)
        {
            throw Invalid("'base-node' and 'base' are mutually exclusive");
        }
        return arguments.BaseNode is { } nodeName ? RequireIn(top, graph.RequireNode(nodeName), nodeName)
            : arguments.Base is { } name ? top.FindBacking(name) ?? throw NotFound($"Can't find '{name}' in the backing chain")
            : top.LastImage;
    }

    private static BlockNode RequireIn(BlockNode top, BlockNode node, string name) =>
        top.ChainContains(node) ? node : throw Invalid($"'{name}' is not in this backing file chain");

    private static BlockException Invalid(string message) => new(BlockErrorKind.InvalidOptions, message);

    private static BlockException NotFound(string message) => new(BlockErrorKind.NotFound, message);
}
