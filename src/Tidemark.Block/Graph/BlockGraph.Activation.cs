using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Graph;

// Two processes of a migration have one image open at a time. Only one of them is active: it holds the locks, writes, and knows
// what the metadata says.
//
//     source   active ──── all is written back, stored bitmaps too ────▶ inactive
//     target   inactive ── metadata and bitmaps are read (anew) ───────▶ active
//
// A migration hands over all nodes; by command a node is handed over with what only it uses. No active node stands over an inactive
// one: it would read what may be out of date.
public sealed partial class BlockGraph
{
    /// <summary>Whether nodes are opened inactive: the process waits for a migration to come.</summary>
    public bool OpensInactive { get; set; }

    /// <summary>Whether any node is inactive.</summary>
    public bool HasInactiveNodes => inOrder.Exists(static n => n.IsInactive);

    /// <summary>
    /// Writes everything back and lets go of all images, for another process to take over. Throws <see cref="BlockException"/> when
    /// something could not be written, what was active is so again then, or when somebody writes who can't do without (an export, a job).
    /// <paramref name="forMigration"/>: nor must bitmaps be free that somebody holds.
    /// </summary>
    public async ValueTask InactivateAllAsync(bool forMigration)
    {
        using var drained = await DrainAllAsync();
        var leaving = FromTheTop().FindAll(static n => !n.IsInactive);
        const string Failure = "Failed to inactivate all nodes";
        RequireAtRest(leaving, Failure);
        if (!forMigration)
        {
            RequireFreeBitmaps(leaving, Failure);
        }
        await InactivateDrainedAsync(leaving);
    }

    /// <summary>
    /// As <see cref="InactivateAllAsync"/> for <paramref name="node"/> and those nodes below it that no active node uses. Throws
    /// <see cref="BlockException"/> also when an active node stands above it, or somebody writes to one of them.
    /// </summary>
    public async ValueTask InactivateAsync(BlockNode node)
    {
        using var drained = await DrainAllAsync();
        if (HasActiveParent(node, []))
        {
            throw new BlockException(BlockErrorKind.InUse, "Node has active parent node");
        }
        HashSet<BlockNode> leaving = [];
        foreach (var below in SortDownwards([node]))
        {
            if (below is { IsOpen: true, IsInactive: false } && !HasActiveParent(below, leaving))
            {
                _ = leaving.Add(below);
            }
        }
        RequireAtRest(leaving, "Failed to inactivate node");
        RequireFreeBitmaps(leaving, "Failed to inactivate node");
        await InactivateDrainedAsync(SortDownwards(leaving).FindAll(leaving.Contains));
    }

    /// <summary>
    /// Takes the images over: gets the permissions, and reads the metadata anew. Throws <see cref="BlockException"/> when another
    /// process still has an image, or it can't be read; nodes that could not be activated stay inactive then.
    /// </summary>
    public async ValueTask ActivateAllAsync()
    {
        using var drained = await DrainAllAsync();
        await ActivateDrainedAsync(FromTheTop());
    }

    /// <summary>As <see cref="ActivateAllAsync"/> for <paramref name="node"/> and all nodes below it.</summary>
    public async ValueTask ActivateAsync(BlockNode node)
    {
        using var drained = await DrainAllAsync();
        await ActivateDrainedAsync(SortDownwards([node]).FindAll(static n => n.IsOpen));
    }

    /// <summary>Throws <see cref="BlockException"/> when <paramref name="child"/> is inactive below an active <paramref name="parent"/>.</summary>
    internal static void RequireActive(BlockNode? parent, string edge, BlockNode child)
    {
        if (parent is { IsInactive: false } && child.IsInactive)
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"Inactive '{child.Name}' can't be a {edge} child of active '{parent.Name}'"
            );
        }
    }

    private static bool HasActiveParent(BlockNode node, HashSet<BlockNode> leaving) =>
        node.Parents.Any(edge => edge.Parent.ParentNode is { IsInactive: false } parent && !leaving.Contains(parent));

    private static void RequireAtRest(IEnumerable<BlockNode> leaving, string failure)
    {
        const BlockPermissions Changes = BlockPermissions.Write | BlockPermissions.WriteUnchanged | BlockPermissions.Resize;
        foreach (var edge in leaving.SelectMany(static node => node.Parents))
        {
            // A job at work counts, whether or not it writes just there.
            if (
                edge.Parent is BlockBackend { AllowsInactive: false } user
                && (user.JobId is not null || (edge.Required & Changes) != 0)
            )
            {
                throw new BlockException(IoStatus.NotPermitted, failure);
            }
        }
    }

    // They would be stored while somebody holds them.
    private static void RequireFreeBitmaps(IEnumerable<BlockNode> leaving, string failure)
    {
        var stored = leaving
            .SelectMany(static node => node.Bitmaps)
            .Where(static b => b is { IsPersistent: true, SkipStore: false });
        if (stored.FirstOrDefault(static b => b.IsBusy) is { } busy)
        {
            throw new BlockException(
                BlockErrorKind.InUse,
                $"{failure}: Bitmap '{busy.Name}' is currently in use by another operation and cannot be used"
            );
        }
    }

    /// <summary><paramref name="leaving"/>: users before what they use.</summary>
    private async ValueTask InactivateDrainedAsync(List<BlockNode> leaving)
    {
        foreach (var node in leaving)
        {
            if (!node.IsReadOnly && await node.FlushAsync() is var status and not IoStatus.Ok)
            {
                throw new BlockException(status, $"Failed to flush node '{node.Name}'");
            }
        }
        try
        {
            foreach (var node in leaving)
            {
                await node.Driver.InactivateAsync();
                node.IsInactive = true;
            }
            UpdatePermissions(inOrder);
        }
        catch (BlockException)
        {
            await ActivateDrainedAsync(leaving);
            throw;
        }
    }

    /// <summary>Activates those of <paramref name="wanted"/>, users before what they use, that are inactive.</summary>
    private async ValueTask ActivateDrainedAsync(List<BlockNode> wanted)
    {
        var inactive = wanted.Where(static n => n.IsInactive).Reverse().ToList();
        try
        {
            inactive.ForEach(static n => n.IsInactive = false);
            UpdatePermissions(inOrder);
        }
        catch (BlockException)
        {
            inactive.ForEach(static n => n.IsInactive = true);
            throw;
        }
        for (var i = 0; i < inactive.Count; i++)
        {
            try
            {
                inactive[i].Activate(await inactive[i].Driver.ActivateAsync());
            }
            catch (BlockException)
            {
                inactive.Skip(i).ToList().ForEach(static n => n.IsInactive = true);
                UpdatePermissions(inOrder);
                throw;
            }
        }
    }

    /// <summary>Open nodes, users before what they use.</summary>
    private List<BlockNode> FromTheTop() => SortDownwards(inOrder).FindAll(static n => n.IsOpen);
}
