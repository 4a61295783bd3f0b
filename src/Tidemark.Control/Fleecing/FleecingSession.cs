using Tidemark.Block.Copy;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Control.Fleecing;

/// <summary>
/// A disk that is being fleeced: a copy-before-write filter between it and its users, and beside it a node that reads the past.
/// <code>
///    exports, devices, jobs            exports that are pulled from
///            │                                 │
///      filter (copy-before-write) ◀──── access (snapshot-access)
///       │ file          │ target
///      disk           scratch
/// </code>
/// The moment at which the filter is put there, in a drained section, is the past's.
/// </summary>
internal sealed class FleecingSession
{
    private readonly BlockNode filter;
    private readonly BlockNode access;
    private readonly BlockNode? scratch;

    private FleecingSession(BlockNode filter, BlockNode access, BlockNode? scratch) =>
        (this.filter, this.access, this.scratch) = (filter, access, scratch);

    /// <summary>What it goes by.</summary>
    public string Name => access.Name;

    /// <summary>The filter above the disk.</summary>
    public BlockNode Filter => filter;

    /// <summary>What is saved, and whether the past still holds.</summary>
    public BlockCopy Copy => ((ICopyBeforeWriteFilter)filter.Driver).Copy;

    /// <summary>
    /// Puts the filter above <paramref name="disk"/>; all its users go through it from then on. Throws <see cref="BlockException"/>
    /// with all as before.
    /// </summary>
    public static async ValueTask<FleecingSession> StartAsync(BlockGraph graph, BlockNode disk, FleecingArguments arguments)
    {
        // A job's filter would be put back on the disk itself at its end, past ours.
        disk.RequireUnblocked(BlockOperation.BackupTarget);
        var place = arguments.Target is null
            ? await ScratchFile.OpenAsync(graph, arguments.ScratchDirectory, disk.SizeBytes)
            : null;
        BlockNode? inserted = null;
        var isInserted = false;
        try
        {
            var target = place ?? graph.Require(arguments.Target ?? "");
            inserted = await graph.OpenAsync(DescribeFilter(disk, target.Name, arguments));
            await InsertAsync(disk, inserted);
            isInserted = true;
            // Last: a filter with a user tolerates nobody who writes past it.
            var reader = await graph.OpenAsync(DescribeAccess(inserted, arguments));
            return new(inserted, reader, place);
        }
        catch
        {
            if (inserted is not null)
            {
                if (isInserted)
                {
                    await TakeOutAsync(inserted);
                }
                await graph.ReleaseAsync(inserted);
            }
            if (place is not null)
            {
                await graph.ReleaseAsync(place);
            }
            throw;
        }
    }

    /// <summary>Takes filter and reader away; the filter's users use the disk itself. Throws <see cref="BlockException"/> while the past is in use.</summary>
    public async ValueTask StopAsync()
    {
        if (access.Parents.Count > 0)
        {
            throw new BlockException(BlockErrorKind.InUse, $"Node {access.Name} is in use");
        }
        filter.RequireUnblocked(BlockOperation.BackupTarget);
        Copy.Stop();
        // A target that does not answer holds nobody up.
        filter.FindChild("target")?.Node.Driver.CancelInFlight();
        await Copy.WaitIdleAsync();
        var graph = filter.Graph;
        // First: a filter with a user tolerates nobody who writes past it.
        await graph.ReleaseAsync(access);
        await TakeOutAsync(filter);
        await graph.ReleaseAsync(filter);
        if (scratch is not null)
        {
            await graph.ReleaseAsync(scratch);
        }
    }

    private static async ValueTask InsertAsync(BlockNode disk, BlockNode filter)
    {
        await using var edit = await disk.Graph.EditAsync(disk);
        // A target that has the disk as its backing file goes on reading from below the filter.
        edit.MoveParents(disk, filter, edge => edge.Parent.ParentNode is { } user && Reaches(filter, user));
        edit.Commit();
    }

    private static async ValueTask TakeOutAsync(BlockNode filter)
    {
        await using var edit = await filter.Graph.EditAsync(filter);
        var below = filter.FilteredChild?.Node ?? throw Invariant.Unreachable("a filter stands over a node");
        edit.MoveParents(filter, below, static _ => false);
        edit.Commit();
    }

    private static JsonObject DescribeAccess(BlockNode filter, FleecingArguments arguments) =>
        new()
        {
            { "driver", new JsonString(IPointInTime.ReaderName) },
            { "node-name", new JsonString(arguments.AccessNodeName) },
            { "file", new JsonString(filter.Name) },
            // So that a reader may give up what it has read.
            { "discard", new JsonString("unmap") },
        };

    private static JsonObject DescribeFilter(BlockNode disk, string target, FleecingArguments arguments)
    {
        var options = new JsonObject
        {
            { "driver", new JsonString(ICopyBeforeWriteFilter.DriverName) },
            { "file", new JsonString(disk.Name) },
            { "target", new JsonString(target) },
            // Discards are the disk's to refuse.
            { "discard", new JsonString("unmap") },
            { "on-cbw-error", new JsonString((arguments.OnCbwError ?? FleecingErrorMode.BreakSnapshot).ToWord()) },
            { "cbw-timeout", new JsonNumber(arguments.CbwTimeout ?? FleecingLimits.DefaultTimeoutSeconds) },
        };
        if (arguments.FilterNodeName is { } name)
        {
            options["node-name"] = new JsonString(name);
        }
        if (arguments.Bitmap is { } bitmap)
        {
            options["bitmap"] = new JsonObject
            {
                { "node", new JsonString(bitmap.External?.Node ?? disk.Name) },
                { "name", new JsonString(bitmap.External?.Name ?? bitmap.Local ?? "") },
            };
        }
        return options;
    }

    private static bool Reaches(BlockNode top, BlockNode sought) =>
        ReferenceEquals(top, sought) || top.Children.Any(edge => Reaches(edge.Node, sought));
}
