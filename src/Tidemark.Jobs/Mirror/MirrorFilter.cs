using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Jobs.Mirror;

/// <summary>The filter of a mirror in the graph: putting it above the source, and taking it out again, with or without its users.</summary>
internal sealed class MirrorFilter
{
    private readonly BlockGraph graph;

    private MirrorFilter(BlockNode node)
    {
        Node = node;
        graph = node.Graph;
    }

    public BlockNode Node { get; }

    public MirrorTopDriver Driver => (MirrorTopDriver)Node.Driver;

    /// <summary>Puts the filter above the source. Throws <see cref="BlockException"/> with all as before.</summary>
    public static async ValueTask<MirrorFilter> InsertAsync(BlockGraph graph, MirrorPlan plan)
    {
        var inserted = await graph.OpenInternalAsync(MirrorTopDriver.Definition, Describe(plan));
        var driver = (MirrorTopDriver)inserted.Driver;
        (driver.IsCommit, driver.MustSeeAll) = (plan.IsCommit, plan.CopyMode == MirrorCopyMode.WriteBlocking);
        try
        {
            await using var edit = await graph.EditAsync(plan.Source);
            edit.MoveParents(plan.Source, inserted, IsHold);
            edit.Commit();
        }
        catch (BlockException)
        {
            await graph.ReleaseAsync(inserted);
            throw;
        }
        return new(inserted);
    }

    /// <summary>
    /// The target takes the place of <paramref name="replaced"/>, which is the source or a node below it, in the eyes of all its
    /// users. Throws <see cref="BlockException"/> when they can't use the target together, and then all is as before.
    /// </summary>
    public async ValueTask PivotAsync(BlockNode replaced, BlockNode target)
    {
        Driver.IsRetired = true;
        try
        {
            await using var edit = await graph.EditAsync(Node, replaced, target);
            // A user of the replaced node that the target itself stands over goes on using it.
            edit.MoveParents(
                replaced,
                target,
                edge => IsHold(edge) || ReferenceEquals(edge, Driver.Below) || IsParentBelow(edge, target)
            );
            var source = Driver.Below.Node;
            edit.MoveParents(Node, ReferenceEquals(replaced, source) ? target : source, IsHold);
            edit.Commit();
        }
        catch (BlockException)
        {
            Driver.IsRetired = false;
            throw;
        }
    }

    /// <summary>Takes the filter away: whoever still uses it uses the source directly.</summary>
    public async ValueTask RemoveAsync()
    {
        Driver.IsRetired = true;
        await using (var edit = await graph.EditAsync(Node))
        {
            edit.MoveParents(Node, Driver.Below.Node, static _ => false);
            edit.Commit();
        }
        await graph.ReleaseAsync(Node);
    }

    private static JsonObject Describe(MirrorPlan plan)
    {
        var options = new JsonObject
        {
            { "backing", new JsonString(plan.Source.Name) },
            // Discards are the source's to refuse.
            { "discard", new JsonString("unmap") },
        };
        if (plan.FilterNodeName is { } name)
        {
            options["node-name"] = new JsonString(name);
        }
        return options;
    }

    // Jobs hold a node, not a place.
    private static bool IsHold(BlockChild edge) => edge.Parent is BlockBackend { JobId: not null };

    private static bool IsParentBelow(BlockChild edge, BlockNode target) =>
        edge.Parent.ParentNode is { } parent && IsBelow(target, parent);

    private static bool IsBelow(BlockNode top, BlockNode sought) =>
        ReferenceEquals(top, sought) || top.Children.Any(edge => IsBelow(edge.Node, sought));
}
