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
    public ValueTask SetReadOnlyAsync(BlockNode node, bool readOnly) =>
        ChangeOptionsAsync(node, new JsonObject { ["read-only"] = readOnly });

    /// <summary>
    /// Gives a node, with the children that came with it, those options in <paramref name="changed"/> that are told there; all else
    /// stays. Throws <see cref="BlockException"/>, and nothing has changed then.
    /// </summary>
    public async ValueTask ChangeOptionsAsync(BlockNode node, JsonObject changed)
    {
        await using var edit = new GraphEdit(this, await DrainAllAsync());
        var queue = new ReopenQueue(this, edit);
        var options = node.ExplicitOptions.DeepClone();
        options["driver"] = node.Definition.Name;
        if (node.BackingChild is { } backing)
        {
            // Whatever the options said once, a job may have given it another one.
            options["backing"] = backing.Node.Name;
        }
        else if (options.ContainsKey("backing"))
        {
            options["backing"] = JsonNull.Instance;
        }
        foreach (var (name, value) in changed)
        {
            options[name] = value;
        }
        if (options.GetString("driver") != node.Definition.Name)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Cannot change the option 'driver'");
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
