using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Graph;

public sealed partial class BlockGraph
{
    /// <summary>
    /// Puts nodes under new options (blockdev-reopen): options left out go back to their defaults, children may be other nodes.
    /// All nodes change or none does. Throws <see cref="BlockException"/>.
    /// </summary>
    public async ValueTask ReopenAsync(IReadOnlyList<JsonObject> options)
    {
        // Of a node that is given twice the later options hold.
        var requests = options
            .Select(o => (Node: FindForReopen(o), Options: o))
            .Reverse()
            .DistinctBy(static request => request.Node)
            .Reverse()
            .ToList();
        await using var edit = new GraphEdit(this, await DrainAllAsync());
        var queue = new ReopenQueue(this, edit);
        foreach (var (node, wanted) in requests)
        {
            queue.Add(node, NodeOptionsReader.ForRoot(wanted), wanted, isGiven: true);
        }
        await queue.RunAsync();
    }

    /// <summary>Makes a node read-only or writable, with the children that came with it; all else stays.</summary>
    public async ValueTask SetReadOnlyAsync(BlockNode node, bool readOnly)
    {
        await using var edit = new GraphEdit(this, await DrainAllAsync());
        var queue = new ReopenQueue(this, edit);
        var options = node.ExplicitOptions.DeepClone();
        options["read-only"] = readOnly;
        if (node.BackingChild is { } backing)
        {
            // Whatever the options said once, a job may have given it another one.
            options["backing"] = backing.Node.Name;
        }
        else if (options.ContainsKey("backing"))
        {
            options["backing"] = JsonNull.Instance;
        }
        queue.Add(node, NodeOptionsReader.ForRoot(options), options, isGiven: false);
        await queue.RunAsync();
    }

    private BlockNode FindForReopen(JsonObject options)
    {
        var name =
            options.GetString("node-name") ?? throw new BlockException(BlockErrorKind.InvalidOptions, "node-name not specified");
        var node =
            FindNode(name) ?? throw new BlockException(BlockErrorKind.NotFound, $"Failed to find node with node-name='{name}'");
        return options.GetString("driver") == node.Definition.Name
            ? node
            : throw new BlockException(BlockErrorKind.InvalidOptions, "Cannot change the option 'driver'");
    }
}
