using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Graph;

// Two processes of a migration have one image open at a time. Only one of them is active: it holds the locks, writes, and knows
// what the metadata says.
//
//     source   active ──── all is written back, stored bitmaps too ────▶ inactive
//     target   inactive ── metadata and bitmaps are read (anew) ───────▶ active
public sealed partial class BlockGraph
{
    /// <summary>Whether nodes are opened inactive: the process waits for a migration to come.</summary>
    public bool OpensInactive { get; set; }

    /// <summary>Whether any node is inactive.</summary>
    public bool HasInactiveNodes => inOrder.Exists(static n => n.IsInactive);

    /// <summary>
    /// Writes everything back and lets go of all images, for another process to take over. Throws <see cref="BlockException"/> when
    /// something could not be written; all nodes are active again then.
    /// </summary>
    public async ValueTask InactivateAllAsync()
    {
        using var drained = await DrainAllAsync();
        foreach (var node in FromTheTop())
        {
            if (!node.IsReadOnly && await node.FlushAsync() is var status and not IoStatus.Ok)
            {
                throw new BlockException(status, $"Failed to flush node '{node.Name}'");
            }
        }
        try
        {
            foreach (var node in FromTheTop())
            {
                await node.Driver.InactivateAsync();
                node.IsInactive = true;
            }
            UpdatePermissions(inOrder);
        }
        catch (BlockException)
        {
            await ActivateDrainedAsync();
            throw;
        }
    }

    /// <summary>
    /// Takes the images over: gets the permissions, and reads the metadata anew. Throws <see cref="BlockException"/> when another
    /// process still has an image, or it can't be read; nodes that could not be activated stay inactive then.
    /// </summary>
    public async ValueTask ActivateAllAsync()
    {
        using var drained = await DrainAllAsync();
        await ActivateDrainedAsync();
    }

    private async ValueTask ActivateDrainedAsync()
    {
        var inactive = FromTheTop().Where(static n => n.IsInactive).Reverse().ToList();
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
