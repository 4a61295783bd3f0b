using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Graph;

/// <summary>
/// The nodes of one reopen, parents before the children that follow them. First everything is prepared, then permissions are
/// checked, then all go over: children first, since a format that becomes writable writes to its file at once.
/// </summary>
internal sealed class ReopenQueue(BlockGraph graph, GraphEdit edit)
{
    private readonly List<Entry> entries = [];

    /// <summary>Adds a node. <paramref name="isGiven"/>: its options come from the user, not from what it has.</summary>
    public void Add(BlockNode node, NodeOptions options, JsonObject explicitOptions, bool isGiven)
    {
        // Given twice, the later options hold.
        _ = entries.RemoveAll(e => ReferenceEquals(e.Node, node));
        _ = node.Definition.ParseOptions(options.DriverOptions);
        entries.Add(new Entry(node, options, explicitOptions, isGiven));
        foreach (var edge in node.Children.ToArray())
        {
            AddChild(edge, options);
        }
        foreach (var name in node.Definition.ChildNames)
        {
            if (
                node.FindChild(name) is null
                && options.DriverOptions.TryGetValue(name, out var reference)
                && reference is JsonString { Value.Length: > 0 } added
            )
            {
                AttachNew(node, name, RequireChild(node, name, added.Value));
            }
        }
    }

    public async ValueTask RunAsync()
    {
        foreach (var entry in entries)
        {
            await FlushAsync(entry.Node);
        }
        try
        {
            await PrepareAsync();
            edit.Commit();
        }
        catch
        {
            Settle();
            // Before anyone goes back: who was writable may have to write for that.
            foreach (var entry in entries)
            {
                entry.Node.MarkReadOnly(entry.ReadOnlyBefore);
            }
            for (var i = entries.Count - 1; i >= 0; i--)
            {
                await entries[i].Step.AbortAsync();
            }
            throw;
        }
        Settle();
        for (var i = entries.Count - 1; i >= 0; i--)
        {
            await entries[i].Step.CommitAsync();
            entries[i].Node.RefreshLimits();
        }
        // Drivers that opened their medium anew take their locks now.
        graph.UpdatePermissions([.. entries.Select(e => e.Node)]);
    }

    private void Settle()
    {
        foreach (var entry in entries)
        {
            entry.Node.IsTurningReadOnly = false;
        }
    }

    private async ValueTask PrepareAsync()
    {
        foreach (var entry in entries)
        {
            var (node, before, explicitBefore) = (entry.Node, entry.Node.Options, entry.Node.ExplicitOptions);
            ReopenOptions.CheckLeftOut(node, entry.ExplicitOptions);
            entry.Step = await node.Driver.PrepareReopenAsync(entry.Options);
            if (entry.IsGiven)
            {
                ReopenOptions.CheckBacking(node, entry.ExplicitOptions);
            }
            ReopenOptions.CheckChanged(node, explicitBefore, entry.ExplicitOptions, entry.IsGiven);
            (node.Options, node.ExplicitOptions) = (entry.Options, entry.ExplicitOptions);
            node.MarkReadOnly(entry.Options.ReadOnly);
            node.IsTurningReadOnly = !entry.ReadOnlyBefore && node.IsReadOnly;
            edit.Touch(
                node,
                () =>
                {
                    (node.Options, node.ExplicitOptions) = (before, explicitBefore);
                    node.MarkReadOnly(entry.ReadOnlyBefore);
                }
            );
        }
    }

    private void AddChild(BlockChild edge, NodeOptions parentOptions)
    {
        var child = edge.Node;
        var given = parentOptions.DriverOptions.TryGetValue(edge.Name, out var reference);
        switch (given ? reference : null)
        {
            case JsonString name when name.Value == child.Name && ReferenceEquals(child.OpenedFor, edge.Parent.ParentNode):
                // Given before with options of its own, it has those.
                if (!entries.Exists(e => ReferenceEquals(e.Node, child)))
                {
                    Add(child, ReopenOptions.Keep(edge, parentOptions), child.ExplicitOptions, isGiven: false);
                }
                return;
            case JsonString name when name.Value == child.Name || name.Value == SkipImplicit(child).Name:
            case null when child.IsMonitorOwned || child.IsImplicit:
                return;
            case JsonNull or JsonString when child.IsImplicit:
                throw new BlockException(
                    BlockErrorKind.InUse,
                    $"Cannot replace implicit {edge.Name} child of {edge.Parent.ParentNode?.Name}"
                );
            case JsonNull or JsonString { Value: "" } when (edge.Role & ChildRole.Cow) != 0:
                edit.RemoveChild(edge);
                return;
            case JsonString name:
                edit.Redirect(edge, RequireChild(((IBlockParent)edge.Parent).ParentNode!, edge.Name, name.Value));
                return;
            case JsonObject inline when inline.GetString("driver") is { } driver && driver != child.Definition.Name:
                throw new BlockException(BlockErrorKind.InvalidOptions, "Cannot change the option 'driver'");
            case var inline:
                var options = (inline as JsonObject ?? child.ExplicitOptions).DeepClone();
                _ = options.TryAdd("driver", child.Definition.Name);
                Add(
                    child,
                    NodeOptionsReader.ForChild(
                        options,
                        ((IBlockParent)edge.Parent).ParentNode!.Definition,
                        parentOptions,
                        edge.Role
                    ),
                    options,
                    isGiven: inline is JsonObject
                );
                return;
        }
    }

    // The child as users know it: what a job put between without a name is none of theirs.
    private static BlockNode SkipImplicit(BlockNode node)
    {
        while (node is { IsImplicit: true, FilteredChild: { } below })
        {
            node = below.Node;
        }
        return node;
    }

    private BlockNode RequireChild(BlockNode parent, string name, string child)
    {
        var node = graph.RequireNode(child);
        return GraphEdit.IsBelow(node, parent)
            ? throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"Making '{child}' a {name} child of '{parent.Name}' would create a cycle"
            )
            : node;
    }

    private void AttachNew(BlockNode node, string name, BlockNode child)
    {
        var role =
            name == "backing"
                ? ChildRole.Cow
                : throw new BlockException(BlockErrorKind.InvalidOptions, $"Cannot change the option '{name}'");
        _ = edit.AddChild(node, name, role, child);
    }

    private static async ValueTask FlushAsync(BlockNode node)
    {
        var status = await node.FlushAsync();
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, "Error flushing drive");
        }
    }

    private sealed class Entry(BlockNode node, NodeOptions options, JsonObject explicitOptions, bool isGiven)
    {
        public bool IsGiven { get; } = isGiven;
        public BlockNode Node { get; } = node;
        public NodeOptions Options { get; } = options;
        public JsonObject ExplicitOptions { get; } = explicitOptions;
        public bool ReadOnlyBefore { get; } = node.IsMarkedReadOnly;
        public ReopenStep Step { get; set; } = ReopenStep.Nothing;
    }
}
