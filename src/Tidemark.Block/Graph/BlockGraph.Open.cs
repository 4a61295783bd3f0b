using System.Text;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Graph;

public sealed partial class BlockGraph
{
    /// <summary>
    /// Opens a node from options as blockdev-add takes them. The caller holds one reference and gives it back with
    /// <see cref="ReleaseAsync"/>. Throws <see cref="BlockException"/> or the schema's error; nothing is left open then.
    /// </summary>
    public ValueTask<BlockNode> OpenAsync(JsonObject options, OpenDefaults? defaults = null) =>
        OpenNodeAsync(NodeOptionsReader.ForRoot(options), defaults ?? OpenDefaults.Reference);

    /// <summary>
    /// Gives a reference back; the last one closes the node, and with it the children that nobody else uses. What was written
    /// through the node is durable then, as after a flush; where a medium refuses, <see cref="Warn"/> is told.
    /// </summary>
    public async ValueTask ReleaseAsync(BlockNode node)
    {
        if (!node.DropReference())
        {
            return;
        }
        Invariant.That(node.Parents.Count == 0, "a node that closes has no users");
        if (node.IsOpen)
        {
            await FlushForGoodAsync(node);
            await node.Driver.CloseAsync();
        }
        await DetachAllChildrenAsync(node);
        node.Detach();
        Unregister(node);
    }

    /// <summary>
    /// Opens a node of a driver that has no name for users: a filter that a job puts into the graph. Options as
    /// <see cref="OpenAsync"/> takes them; without a name it is <see cref="BlockNode.IsImplicit"/>.
    /// </summary>
    public ValueTask<BlockNode> OpenInternalAsync(DriverDefinition definition, JsonObject options)
    {
        options["driver"] = definition.Name;
        var resolved = NodeOptionsReader.ForRoot(options);
        return OpenNodeAsync(definition, resolved, OpenDefaults.Reference, isImplicit: resolved.NodeName is null);
    }

    internal async ValueTask<BlockNode> OpenChildAsync(
        JsonObject options,
        BlockNode parent,
        NodeOptions parentOptions,
        ChildRole role,
        OpenDefaults defaults
    )
    {
        var child = await OpenNodeAsync(NodeOptionsReader.ForChild(options, parent.Definition, parentOptions, role), defaults);
        child.OpenedFor = parent;
        return child;
    }

    private ValueTask<BlockNode> OpenNodeAsync(NodeOptions options, OpenDefaults defaults) =>
        OpenNodeAsync(Drivers.Require(options.Driver), options, defaults, isImplicit: false);

    private async ValueTask<BlockNode> OpenNodeAsync(
        DriverDefinition definition,
        NodeOptions options,
        OpenDefaults defaults,
        bool isImplicit
    )
    {
        var parsed = definition.ParseOptions(options.DriverOptions);
        var node = new BlockNode(this, definition, options)
        {
            IsImplicit = isImplicit,
            IsInactive = !(options.Active ?? !OpensInactive),
        };
        try
        {
            if (definition.Kind == DriverKind.Protocol)
            {
                GiveName(node);
            }
            var driver = await definition.OpenAsync(new NodeOpenContext(node, options, defaults), parsed);
            GiveName(node);
            node.Attach(driver);
            UpdatePermissions([node]);
            return node;
        }
        catch
        {
            await CloseFailedAsync(node);
            throw;
        }
    }

    /// <summary>
    /// Enters a node that is being opened under the name it was given, or one made for it. A format's or a filter's node comes
    /// after the node of its file, which is opened first: so do names, the order of queries, and the errors that win.
    /// </summary>
    internal void GiveName(BlockNode node)
    {
        if (node.Name.Length == 0)
        {
            node.Name = ChooseName(node.Options.NodeName);
            Register(node);
        }
    }

    private async ValueTask FlushForGoodAsync(BlockNode node)
    {
        var status = await node.FlushAsync();
        // A format that could not has its file's failure to blame, or has told of its own before.
        if (status != IoStatus.Ok && node.Definition.Kind == DriverKind.Protocol)
        {
            Warn($"Failed to flush node '{node.Name}' before closing it: {status.Describe()}");
        }
    }

    private async ValueTask CloseFailedAsync(BlockNode node)
    {
        if (node.IsOpen)
        {
            await node.Driver.CloseAsync();
        }
        await DetachAllChildrenAsync(node);
        node.Detach();
        Unregister(node);
    }

    private async ValueTask DetachAllChildrenAsync(BlockNode node)
    {
        foreach (var edge in node.Children.ToArray())
        {
            var child = edge.Node;
            Unlink(edge);
            UpdatePermissions([child]);
            await ReleaseAsync(child);
        }
    }

    private string ChooseName(string? wanted)
    {
        if (wanted is null)
        {
            return GenerateName();
        }
        // Node names are for people to type: a letter first, then letters, digits, '-', '.' and '_'.
        if (wanted.Length == 0 || !IsWellFormed(wanted))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"Invalid node-name: '{wanted}'");
        }
        if (Encoding.UTF8.GetByteCount(wanted) > Limits.NodeNameBytes)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Node name too long");
        }
        if (backends.Exists(b => b.Name == wanted))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"node-name={wanted} is conflicting with a device id");
        }
        if (nodes.ContainsKey(wanted))
        {
            throw new BlockException(BlockErrorKind.InUse, $"Duplicate nodes with node-name='{wanted}'");
        }
        return wanted;
    }

    private static bool IsWellFormed(string name) =>
        char.IsAsciiLetter(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}
