using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Graph;

public sealed partial class BlockGraph
{
    /// <summary>
    /// Opens a node that lives until <see cref="RemoveMonitorNodeAsync"/> (blockdev-add); it must have a name. Throws
    /// <see cref="BlockException"/>, with nothing left open.
    /// </summary>
    public async ValueTask<BlockNode> AddMonitorNodeAsync(JsonObject options)
    {
        if (!options.ContainsKey("node-name"))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "'node-name' must be specified for the root node");
        }
        var node = await OpenAsync(options);
        node.IsMonitorOwned = true;
        return node;
    }

    /// <summary>
    /// Lets go of a node made by <see cref="AddMonitorNodeAsync"/> (blockdev-del). Throws <see cref="BlockException"/> when there is no
    /// such node, or somebody uses it.
    /// </summary>
    public async ValueTask RemoveMonitorNodeAsync(string name)
    {
        var node =
            FindNode(name) ?? throw new BlockException(BlockErrorKind.NotFound, $"Failed to find node with node-name='{name}'");
        if (node.HasBackend)
        {
            throw new BlockException(BlockErrorKind.InUse, $"Node {name} is in use");
        }
        node.RequireUnblocked(BlockOperation.Delete);
        if (!node.IsMonitorOwned)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"Node {name} is not owned by the monitor");
        }
        if (!node.IsLastReference)
        {
            throw new BlockException(BlockErrorKind.InUse, $"Block device {name} is in use");
        }
        node.IsMonitorOwned = false;
        await ReleaseAsync(node);
    }
}
