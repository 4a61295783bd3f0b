using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Jobs.Chain;

/// <summary>Putting a filter into a backing chain for as long as a job lasts, so that users stand above it and not in the job's way.</summary>
internal static class ChainFilter
{
    /// <summary>Options of a filter over <paramref name="below"/>.</summary>
    /// <param name="edge">What the filter's driver calls its child.</param>
    /// <param name="below">The node below.</param>
    /// <param name="name">The filter's name, or null for one that is made up.</param>
    public static JsonObject Describe(string edge, BlockNode below, string? name)
    {
        var options = new JsonObject
        {
            { edge, new JsonString(below.Name) },
            // Discards are for the image to refuse.
            { "discard", new JsonString("unmap") },
        };
        if (name is not null)
        {
            options["node-name"] = new JsonString(name);
        }
        return options;
    }

    /// <summary>
    /// Puts <paramref name="filter"/>, just opened over <paramref name="below"/>, between that and all its users. Throws
    /// <see cref="BlockException"/> with all as before and the filter closed.
    /// </summary>
    public static async ValueTask<BlockNode> InsertAsync(BlockNode filter, BlockNode below)
    {
        try
        {
            await using var edit = await below.Graph.EditAsync(below);
            edit.MoveParents(below, filter, static _ => false);
            edit.Commit();
        }
        catch (BlockException)
        {
            await below.Graph.ReleaseAsync(filter);
            throw;
        }
        return filter;
    }

    /// <summary>Takes the filter away: its users use <paramref name="heir"/> from now on.</summary>
    public static async ValueTask RemoveAsync(BlockNode filter, BlockNode heir)
    {
        await using (var edit = await filter.Graph.EditAsync(filter))
        {
            edit.MoveParents(filter, heir, static _ => false);
            edit.Commit();
        }
        await filter.Graph.ReleaseAsync(filter);
    }
}
