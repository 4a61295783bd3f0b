using System.Text;
using Tidemark.Bitmaps;
using Tidemark.Bitmaps.Migration;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;

namespace Tidemark.Control.Migration;

/// <summary>
/// The bitmaps that a migration takes along (contract M1). From <see cref="Collect"/> to <see cref="Release"/> they are busy, and
/// are not stored in their image, since they travel by the stream; they go on recording until the end.
/// </summary>
internal sealed class DepartingBitmaps
{
    private readonly List<MigratingBitmap> bitmaps = [];

    /// <summary>All of them, in the order in which they are announced.</summary>
    public IReadOnlyList<MigratingBitmap> All => bitmaps;

    /// <summary>Bytes of data that are still to be sent.</summary>
    public long PendingBytes => bitmaps.Sum(static b => b.Bitmap.Content.ContentBytes);

    /// <summary>
    /// All named bitmaps, or those that <paramref name="mapping"/> lists. Throws <see cref="BlockException"/>, with none held, when one
    /// of them can't be taken along.
    /// </summary>
    public static DepartingBitmaps Collect(BlockGraph graph, IReadOnlyList<NodeAlias>? mapping)
    {
        var departing = new DepartingBitmaps();
        try
        {
            foreach (var (node, wireName, aliases) in mapping is null ? Named(graph) : Mapped(graph, mapping))
            {
                departing.Add(node, wireName, aliases);
            }
            return departing;
        }
        catch
        {
            departing.Release();
            throw;
        }
    }

    /// <summary>They are their nodes' own again.</summary>
    public void Release()
    {
        foreach (var (bitmap, _, _, _) in bitmaps)
        {
            bitmap.Unlock();
            bitmap.SkipStore = false;
        }
        bitmaps.Clear();
    }

    // A node is known by the device that it is the content of, else by its own name.
    private static IEnumerable<(BlockNode Node, string WireName, NodeAlias? Aliases)> Named(BlockGraph graph)
    {
        HashSet<BlockNode> done = [];
        foreach (var backend in graph.Backends.Where(static b => b.Name.Length > 0 && b.HasMedium))
        {
            var node = backend.Node;
            while (node is { IsFilter: true, FilteredChild: { } below } && !HasNamed(node))
            {
                node = below.Node;
            }
            if (!node.IsFilter && done.Add(node))
            {
                yield return (node, backend.Name, null);
            }
        }
        foreach (var node in graph.Nodes.Where(n => n.IsOpen && !done.Contains(n)))
        {
            yield return (node, node.Name, null);
        }
    }

    private static IEnumerable<(BlockNode Node, string WireName, NodeAlias? Aliases)> Mapped(
        BlockGraph graph,
        IReadOnlyList<NodeAlias> mapping
    )
    {
        foreach (var node in graph.Nodes.Where(static n => n.IsOpen))
        {
            if (mapping.FirstOrDefault(a => a.NodeName == node.Name) is { } alias)
            {
                yield return (node, alias.Alias, alias);
            }
        }
    }

    private static bool HasNamed(BlockNode node) => node.Bitmaps.Any(static b => b.Name is not null);

    private void Add(BlockNode node, string wireName, NodeAlias? aliases)
    {
        foreach (var bitmap in node.Bitmaps)
        {
            if (bitmap.Name is not { } name)
            {
                continue;
            }
            var alias = aliases?.Bitmaps.FirstOrDefault(a => a.Name == name);
            if (aliases is not null && alias is null)
            {
                continue;
            }
            RequireNames(name, alias?.Alias ?? name, wireName);
            // It will be read and held, and at the destination written.
            bitmap.Check(BitmapAccess.Modify);
            var flags =
                (bitmap.IsRecording ? BitmapStartFlags.Enabled : 0)
                | ((alias?.Transform?.Persistent ?? bitmap.IsPersistent) ? BitmapStartFlags.Persistent : 0);
            bitmap.Lock();
            bitmap.SkipStore = true;
            bitmaps.Add(new(bitmap, wireName, alias?.Alias ?? name, flags));
        }
    }

    private static void RequireNames(string name, string wireName, string node)
    {
        if (node.StartsWith('#'))
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"Bitmap '{name}' in a node with auto-generated name '{node}' can't be migrated"
            );
        }
        if (Encoding.UTF8.GetByteCount(wireName) > MigrationLimits.NameBytes)
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"Cannot migrate bitmap '{name}' on node '{node}': Name is longer than {MigrationLimits.NameBytes} bytes"
            );
        }
    }
}
