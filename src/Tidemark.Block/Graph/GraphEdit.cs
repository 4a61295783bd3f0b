using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Graph;

/// <summary>
/// An edit of the graph under way, in a drained section: changes take effect as they are made, <see cref="Commit"/> checks the
/// permissions of the result and keeps it, and without a commit <see cref="DisposeAsync"/> puts everything back.
/// </summary>
public sealed class GraphEdit : IAsyncDisposable
{
    private readonly BlockGraph graph;
    private readonly DrainedSection section;
    private readonly Stack<Action> undo = new();
    private readonly HashSet<BlockNode> changed = [];
    private readonly List<BlockNode> released = [];
    private readonly Dictionary<BlockChild, ChildPermissions> wanted = [];
    private bool committed;

    internal GraphEdit(BlockGraph graph, DrainedSection section)
    {
        this.graph = graph;
        this.section = section;
    }

    /// <summary>Gives <paramref name="parent"/> a child.</summary>
    public BlockChild AddChild(BlockNode parent, string name, ChildRole role, BlockNode child)
    {
        Invariant.That(!IsBelow(child, parent), "the graph has no cycles");
        BlockGraph.RequireActive(parent, name, child);
        var edge = BlockGraph.Link(parent, name, role, child);
        undo.Push(() =>
        {
            BlockGraph.Unlink(edge);
            _ = child.DropReference();
        });
        _ = changed.Add(parent);
        return edge;
    }

    /// <summary>Takes a child away; if nobody else uses it, it closes after the edit. Throws when the edge is frozen.</summary>
    public void RemoveChild(BlockChild edge)
    {
        RequireUnfrozen(edge);
        var (parent, child) = (edge.Parent, edge.Node);
        BlockGraph.Unlink(edge);
        released.Add(child);
        undo.Push(() =>
        {
            var again = BlockGraph.Link(parent, edge.Name, edge.Role, child);
            (again.Required, again.Shared) = (edge.Required, edge.Shared);
            _ = child.DropReference();
            _ = released.Remove(child);
        });
        _ = changed.Add(child);
    }

    /// <summary>Lets an edge point to another node; its old one closes after the edit if nobody else uses it. Throws when it is frozen.</summary>
    public void Redirect(BlockChild edge, BlockNode to)
    {
        RequireUnfrozen(edge);
        BlockGraph.RequireActive(edge.Parent.ParentNode, edge.Name, to);
        var from = edge.Node;
        // Hold the old node until the edit is settled.
        from.AddReference();
        released.Add(from);
        BlockGraph.Redirect(edge, to);
        undo.Push(() =>
        {
            BlockGraph.Redirect(edge, from);
            _ = from.DropReference();
            _ = released.Remove(from);
        });
        _ = changed.Add(from);
        _ = changed.Add(to);
    }

    /// <summary>
    /// Moves all users of <paramref name="from"/> over to <paramref name="to"/>, except those that <paramref name="keep"/> says stay, and
    /// jobs' holds, which are of this node and no other. Throws when one of the edges is frozen.
    /// </summary>
    public void MoveParents(BlockNode from, BlockNode to, Predicate<BlockChild> keep)
    {
        foreach (var edge in from.Parents.ToArray())
        {
            var isHold = edge.Parent is BlockBackend { JobId: not null };
            if (!ReferenceEquals(edge.Parent.ParentNode, to) && !isHold && !keep(edge))
            {
                if (edge.IsFrozen)
                {
                    throw new BlockException(BlockErrorKind.InUse, $"Cannot change '{edge.Name}' link to '{from.Name}'");
                }
                Redirect(edge, to);
            }
        }
    }

    /// <summary>
    /// Puts <paramref name="overlay"/>, which has no backing file, above <paramref name="node"/>: that becomes its backing file, and
    /// the node's users become the overlay's. Returns what <see cref="Remove"/> needs. Throws <see cref="BlockException"/> when that
    /// would make a cycle.
    /// </summary>
    public AppendedOverlay Append(BlockNode overlay, BlockNode node)
    {
        var appended = new AppendedOverlay(overlay, overlay.Options, overlay.ExplicitOptions);
        SetBacking(overlay, node);
        MoveParents(node, overlay, edge => edge.Parent.ParentNode is { } parent && IsBelow(overlay, parent));
        return appended;
    }

    /// <summary>
    /// Gives <paramref name="overlay"/>, which has no backing file, <paramref name="node"/> as that, and leaves the node's users where
    /// they are. Throws <see cref="BlockException"/> when its driver knows no backing files, or it would make a cycle.
    /// </summary>
    public void SetBacking(BlockNode overlay, BlockNode node)
    {
        Invariant.That(overlay.BackingChild is null, "an overlay that gets a backing file has none yet");
        if (!overlay.Definition.SupportsBacking)
        {
            throw new BlockException(
                BlockErrorKind.NotSupported,
                $"Driver '{overlay.Definition.Name}' of node '{overlay.Name}' does not support backing files"
            );
        }
        if (IsBelow(node, overlay))
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"Making '{node.Name}' a backing child of '{overlay.Name}' would create a cycle"
            );
        }
        ForgetBackingOption(overlay);
        _ = AddChild(overlay, "backing", ChildRole.Cow, node);
    }

    /// <summary>Undoes an <see cref="Append"/> that was committed: the overlay's users use what is below it, and it is as it was before.</summary>
    public void Remove(AppendedOverlay appended)
    {
        var overlay = appended.Overlay;
        if (overlay.BackingChild is { } edge)
        {
            MoveParents(overlay, edge.Node, static _ => false);
            RemoveChild(edge);
            (overlay.Options, overlay.ExplicitOptions) = (appended.Options, appended.ExplicitOptions);
        }
    }

    /// <summary>The options said what to open; from now on the graph says what the backing file is.</summary>
    private void ForgetBackingOption(BlockNode overlay)
    {
        var (options, explicitOptions) = (overlay.Options, overlay.ExplicitOptions);
        if (!explicitOptions.ContainsKey("backing"))
        {
            return;
        }
        var (driverOptions, left) = (options.DriverOptions.DeepClone(), explicitOptions.DeepClone());
        _ = driverOptions.Remove("backing");
        _ = left.Remove("backing");
        overlay.Options = options with { DriverOptions = driverOptions, Explicit = left };
        overlay.ExplicitOptions = left;
        undo.Push(() => (overlay.Options, overlay.ExplicitOptions) = (options, explicitOptions));
    }

    /// <summary>Asks for other permissions on a backend's edge, as part of the edit.</summary>
    public void Request(BlockChild edge, BlockPermissions required, BlockPermissions shared)
    {
        wanted[edge] = new(required, shared);
        _ = changed.Add(edge.Node);
    }

    /// <summary>Lets a node's own state, already changed by the caller, count for permissions; <paramref name="back"/> undoes it.</summary>
    public void Touch(BlockNode node, Action back)
    {
        undo.Push(back);
        _ = changed.Add(node);
    }

    /// <summary>Checks the permissions of what has become of the graph, and keeps it. Throws <see cref="BlockException"/>; dispose then undoes.</summary>
    public void Commit()
    {
        graph.UpdatePermissions(changed, wanted);
        committed = true;
    }

    /// <summary>Undoes what was not committed, closes what nobody uses any more, and lets requests in again.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!committed)
        {
            while (undo.TryPop(out var step))
            {
                step();
            }
        }
        section.Dispose();
        foreach (var node in released)
        {
            await graph.ReleaseAsync(node);
        }
    }

    private static void RequireUnfrozen(BlockChild edge)
    {
        if (edge.IsFrozen)
        {
            throw new BlockException(
                BlockErrorKind.InUse,
                $"Cannot change frozen '{edge.Name}' link from '{edge.Parent.ParentNode?.Name}' to '{edge.Node.Name}'"
            );
        }
    }

    /// <summary>Whether <paramref name="sought"/> is <paramref name="top"/> or somewhere below it.</summary>
    internal static bool IsBelow(BlockNode top, BlockNode sought) =>
        ReferenceEquals(top, sought) || top.Children.Any(edge => IsBelow(edge.Node, sought));
}
