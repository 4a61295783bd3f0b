using Tidemark.Block.Copy;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Jobs.Backup;

/// <summary>
/// The copy-before-write filter that a backup puts between its source and the source's users, for as long as it lasts. The moment
/// at which it is put there, in a drained section, is the backup's point in time.
/// </summary>
internal sealed class BackupFilter
{
    private readonly BlockNode node;
    private readonly BlockNode source;
    private readonly BlockNode target;

    private BackupFilter(BlockNode node, BackupPlan plan)
    {
        this.node = node;
        source = plan.Source;
        target = plan.Target;
        Copy = ((ICopyBeforeWriteFilter)node.Driver).Copy;
    }

    public BlockNode Node => node;

    public BlockCopy Copy { get; }

    /// <summary>Puts the filter above the source. Throws <see cref="BlockException"/> ("Could not create node: …") with all as before.</summary>
    public static async ValueTask<BackupFilter> InsertAsync(BlockGraph graph, BackupPlan plan)
    {
        BlockNode inserted;
        try
        {
            inserted = await graph.OpenAsync(Describe(plan));
            ((ICopyBeforeWriteFilter)inserted.Driver).Copy.DiscardsSource = plan.Arguments.DiscardSource;
        }
        catch (BlockException error)
        {
            throw error.Prefixed("Could not create node");
        }
        try
        {
            await using var edit = await graph.EditAsync(plan.Source);
            // A target that has the source as its backing file goes on reading from below the filter.
            edit.Touch(inserted, static () => { });
            edit.MoveParents(plan.Source, inserted, edge => edge.Parent.ParentNode is { } parent && IsBelow(inserted, parent));
            edit.Commit();
        }
        catch (BlockException error)
        {
            await graph.ReleaseAsync(inserted);
            throw error.Prefixed("Could not replace node");
        }
        return new(inserted, plan);
    }

    /// <summary>Requests to the target that wait for a peer fail now.</summary>
    public void CancelInFlight() => target.Driver.CancelInFlight();

    /// <summary>Takes the filter away again: its users use the source directly.</summary>
    public async ValueTask RemoveAsync()
    {
        Copy.Stop();
        await Copy.WaitIdleAsync();
        await using (var edit = await node.Graph.EditAsync(node))
        {
            edit.MoveParents(node, source, static _ => false);
            edit.Commit();
        }
        await node.Graph.ReleaseAsync(node);
    }

    private static JsonObject Describe(BackupPlan plan)
    {
        var options = new JsonObject
        {
            { "driver", new JsonString(ICopyBeforeWriteFilter.DriverName) },
            { "file", new JsonString(plan.Source.Name) },
            { "target", new JsonString(plan.Target.Name) },
            // Discards are the source's to refuse.
            { "discard", new JsonString("unmap") },
            { "on-cbw-error", new JsonString(plan.Arguments.OnCbwError.ToWord()) },
            { "cbw-timeout", new JsonNumber(plan.Arguments.CbwTimeout) },
        };
        if (plan.Arguments.XPerf is { MinClusterSize: > 0 and var least })
        {
            options["min-cluster-size"] = new JsonNumber(least);
        }
        if (plan.Arguments.FilterNodeName is { } name)
        {
            options["node-name"] = new JsonString(name);
        }
        return options;
    }

    private static bool IsBelow(BlockNode top, BlockNode sought) =>
        ReferenceEquals(top, sought) || top.Children.Any(edge => IsBelow(edge.Node, sought));
}
