using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Graph;

// Permissions run downwards: what a node's users require together, and share together, decides what its driver requires of
// its own children. A change is first computed and checked for the whole part of the graph below, then taken up at once.
public sealed partial class BlockGraph
{
    /// <summary>
    /// Computes the permissions of everything below <paramref name="changed"/> anew, beginning with the edges in
    /// <paramref name="wanted"/>. Throws <see cref="BlockException"/> on a conflict, and then nothing has changed.
    /// </summary>
    internal void UpdatePermissions(
        IReadOnlyCollection<BlockNode> changed,
        Dictionary<BlockChild, ChildPermissions>? wanted = null
    )
    {
        var plan = wanted ?? [];
        foreach (var (edge, permissions) in plan)
        {
            RequireAvailable(edge, permissions.Required);
        }
        var order = SortDownwards(changed);
        var results = new List<(BlockNode Node, ChildPermissions Total)>(order.Count);
        try
        {
            foreach (var node in order)
            {
                var total = node.IsInactive ? ChildPermissions.Nothing : Combine(node, plan);
                CheckWritable(node, total.Required);
                if (node.IsOpen)
                {
                    results.Add((node, total));
                    node.Driver.CheckPermissions(total.Required, total.Shared);
                }
                foreach (var edge in node.Children)
                {
                    plan[edge] = Derive(node, edge, total);
                }
            }
        }
        catch (BlockException)
        {
            foreach (var (node, _) in results)
            {
                node.Driver.AbortPermissions();
            }
            throw;
        }
        foreach (var (edge, permissions) in plan)
        {
            (edge.Required, edge.Shared) = permissions;
        }
        foreach (var (node, total) in results)
        {
            node.Driver.SetPermissions(total.Required, total.Shared);
        }
    }

    // Who asks for more than reading of an inactive node can't be kept waiting, unless he said that he can.
    private static void RequireAvailable(BlockChild edge, BlockPermissions required)
    {
        var missing = required & ~BlockPermissions.ConsistentRead;
        if (missing != 0 && edge is { Node.IsInactive: true, Parent: BlockBackend { AllowsInactive: false } })
        {
            throw new BlockException(
                BlockErrorKind.AccessDenied,
                $"Permission '{missing.Describe()}' unavailable on inactive node"
            );
        }
    }

    private static ChildPermissions Derive(BlockNode node, BlockChild edge, ChildPermissions total)
    {
        if (node.IsInactive)
        {
            return ChildPermissions.Nothing;
        }
        var derived = node.IsOpen
            ? node.Driver.GetChildPermissions(edge, total.Required, total.Shared)
            : DeriveWhileOpening(node, edge, total);
        // force-share bears whatever others do.
        return edge.Node.Options.ForceShare ? derived with { Shared = BlockPermissions.All } : derived;
    }

    private static ChildPermissions DeriveWhileOpening(BlockNode node, BlockChild edge, ChildPermissions total)
    {
        return (edge.Role & ChildRole.Filtered) != 0
            ? ChildPermissions.ForFilter(total.Required, total.Shared)
            : ChildPermissions.ForFormat(edge.Role, !node.IsReadOnly, total.Required, total.Shared);
    }

    private static ChildPermissions Combine(BlockNode node, Dictionary<BlockChild, ChildPermissions> plan)
    {
        var required = BlockPermissions.None;
        var shared = BlockPermissions.All;
        foreach (var edge in node.Parents)
        {
            var mine = Planned(edge, plan);
            foreach (var other in node.Parents)
            {
                var conflict = ReferenceEquals(edge, other)
                    ? BlockPermissions.None
                    : mine.Required & ~Planned(other, plan).Shared;
                if (conflict != 0)
                {
                    throw new BlockException(
                        BlockErrorKind.InUse,
                        $"Permission conflict on node '{node.Name}': permissions '{conflict.Describe()}' are both required by "
                            + $"{Describe(edge)} and unshared by {Describe(other)}."
                    );
                }
            }
            required |= mine.Required;
            shared &= mine.Shared;
        }
        return new(required, shared);
    }

    private static string Describe(BlockChild edge) =>
        $"{edge.Parent.ParentDescription} (uses node '{edge.Node.Name}' as '{edge.Name}' child)";

    private static ChildPermissions Planned(BlockChild edge, Dictionary<BlockChild, ChildPermissions> plan) =>
        plan.TryGetValue(edge, out var permissions) ? permissions : new(edge.Required, edge.Shared);

    private static void CheckWritable(BlockNode node, BlockPermissions required)
    {
        if (node.IsReadOnly && (required & (BlockPermissions.Write | BlockPermissions.WriteUnchanged)) != 0)
        {
            var text = node.IsTurningReadOnly
                ? $"Read-only block node '{node.Name}' cannot support read-write users"
                : "Block node is read-only";
            throw new BlockException(BlockErrorKind.AccessDenied, text) { Status = IoStatus.NotPermitted };
        }
    }

    private static List<BlockNode> SortDownwards(IReadOnlyCollection<BlockNode> changed)
    {
        HashSet<BlockNode> seen = [];
        List<BlockNode> order = [];
        foreach (var node in changed)
        {
            Visit(node);
        }
        order.Reverse();
        return order;

        void Visit(BlockNode node)
        {
            if (!seen.Add(node))
            {
                return;
            }
            foreach (var edge in node.Children)
            {
                Visit(edge.Node);
            }
            order.Add(node);
        }
    }
}
