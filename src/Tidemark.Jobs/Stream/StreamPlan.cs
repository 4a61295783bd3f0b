using Tidemark.Block.Graph;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Stream;

/// <summary>A stream's arguments, checked in the order in which the reference does: it decides which of several mistakes is told.</summary>
/// <param name="Arguments">As they were given.</param>
/// <param name="JobId">The id.</param>
/// <param name="Device">The node whose users will read everything from it; an image or filters over one.</param>
/// <param name="Bottom">The last image to stream from; <see cref="Image"/> itself when there is nothing to do.</param>
internal sealed record StreamPlan(StreamArguments Arguments, string JobId, BlockNode Device, BlockNode Bottom)
{
    /// <summary>The image that is written.</summary>
    public BlockNode Image => Device.Image;

    public static StreamPlan Check(BlockGraph graph, StreamArguments arguments)
    {
        RequireOne(arguments.Base, "base", arguments.BaseNode, "base-node");
        RequireOne(arguments.Base, "base", arguments.Bottom, "bottom");
        RequireOne(arguments.Bottom, "bottom", arguments.BaseNode, "base-node");
        var device = graph.Require(arguments.Device);
        var (lower, bottom) = FindEnd(graph, device, arguments);
        // The base itself is left in peace, but what is named "bottom" is not.
        var last = lower ?? bottom?.BackingNode;
        for (var node = device; node is not null && !ReferenceEquals(node, last); node = node.NextInChain)
        {
            node.RequireUnblocked(BlockOperation.Stream);
        }
        // Taken at its word the reference would allow it with "bottom"; it does not.
        if (lower is null && arguments.BackingFile is not null)
        {
            throw Invalid("backing file specified, but streaming the entire chain");
        }
        bottom ??= lower is null ? device.LastImage : device.FindOverlay(lower);
        return new(
            arguments,
            arguments.JobId ?? BlockJob.DefaultId(device),
            device,
            bottom ?? throw Invariant.Unreachable("the base is below the node")
        );
    }

    private static (BlockNode? Base, BlockNode? Bottom) FindEnd(BlockGraph graph, BlockNode device, StreamArguments arguments)
    {
        if (arguments.Base is { } name)
        {
            var found =
                device.FindBacking(name)
                ?? throw new BlockException(BlockErrorKind.NotFound, $"Can't find '{name}' in the backing chain");
            return (found, null);
        }
        if (arguments.BaseNode is { } baseName)
        {
            var node = graph.RequireNode(baseName);
            return ReferenceEquals(node, device) || !device.ChainContains(node)
                ? throw Invalid($"Node '{baseName}' is not a backing image of '{arguments.Device}'")
                : (node, null);
        }
        if (arguments.Bottom is not { } bottomName)
        {
            return (null, null);
        }
        var bottom = graph.RequireNode(bottomName);
        if (bottom.IsFilter)
        {
            throw Invalid($"Node '{bottomName}' is a filter, use a non-filter node as 'bottom'");
        }
        return device.ChainContains(bottom)
            ? (null, bottom)
            : throw Invalid($"Node '{bottomName}' is not in a chain starting from '{arguments.Device}'");
    }

    private static void RequireOne(string? first, string firstName, string? second, string secondName)
    {
        if (first is not null && second is not null)
        {
            throw Invalid($"'{firstName}' and '{secondName}' cannot be specified at the same time");
        }
    }

    private static BlockException Invalid(string message) => new(BlockErrorKind.InvalidOptions, message);
}
