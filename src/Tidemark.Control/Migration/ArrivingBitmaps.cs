using Tidemark.Bitmaps;
using Tidemark.Bitmaps.Migration;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Control.Migration;

/// <summary>
/// The bitmaps that a migration brings (contract M1). While they arrive they are there, busy and not recording; once the machine
/// may run, those that record do so, in a successor if their bits have not all come.
/// </summary>
internal sealed class ArrivingBitmaps(BlockGraph graph, Func<IReadOnlyList<NodeAlias>?> mapping, Action<string> warn)
{
    private readonly Dictionary<(string Node, string Bitmap), Arrival> arrivals = [];
    private bool mayRun;

    /// <summary>Whether bits of any bitmap are still to come.</summary>
    public bool AreIncomplete => arrivals.Values.Any(static a => a is { Bitmap: not null, IsComplete: false });

    /// <summary>
    /// A bitmap is announced. One whose place is not known here is lost with a warning. Throws <see cref="BlockException"/> for one
    /// that stands against another.
    /// </summary>
    public void Start(StreamItem item)
    {
        if (arrivals.Count >= MigrationLimits.Bitmaps || !arrivals.TryAdd((item.Node, item.Bitmap), new Arrival()))
        {
            throw new BlockException(BlockErrorKind.Corrupt, $"Bitmap '{item.Bitmap}' of '{item.Node}' is announced twice");
        }
        if (FindPlace(item.Node, item.Bitmap) is not { } place)
        {
            return;
        }
        if (place.Node.Bitmaps.Find(place.Name) is not null)
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"Bitmap with the same name ('{place.Name}') already exists on destination"
            );
        }
        var bitmap = place.Node.Bitmaps.Add(
            place.Name,
            item.Granularity,
            place.Persistent ?? (item.Flags & BitmapStartFlags.Persistent) != 0,
            recording: false
        );
        bitmap.Lock();
        arrivals[(item.Node, item.Bitmap)] = new Arrival
        {
            Bitmap = bitmap,
            Node = place.Node,
            WillRecord = (item.Flags & BitmapStartFlags.Enabled) != 0,
        };
    }

    /// <summary>Bits of an announced bitmap; they come in order. Throws <see cref="BlockException"/> for bits that do not fit.</summary>
    public void TakeBits(StreamItem item)
    {
        var arrival = Require(item);
        if (arrival.Bitmap is not { } bitmap)
        {
            return;
        }
        var content = bitmap.Content;
        // The last piece is told in whole sectors.
        var part =
            item.Range.End > content.SizeBytes && item.Range.End - content.SizeBytes < MigrationLimits.SectorBytes
                ? ByteRange.Between(item.Range.Offset, content.SizeBytes)
                : item.Range;
        var isWhole = Alignment.Is(part.End, content.SerializationAlignment) || part.End == content.SizeBytes;
        if (part.End > content.SizeBytes || !isWhole)
        {
            throw OtherSize(item.Bitmap, content.SizeBytes);
        }
        if (arrival.IsComplete || part.Offset != arrival.ReceivedBytes)
        {
            throw new BlockException(BlockErrorKind.Corrupt, $"Bits of bitmap '{item.Bitmap}' are out of order");
        }
        if (item.Data.IsEmpty)
        {
            content.DeserializeZeroes(part);
        }
        else
        {
            RequireLength(item, content.SerializedSize(part));
            content.Deserialize(part, item.Data);
        }
        arrival.ReceivedBytes = part.End;
    }

    /// <summary>All bits of a bitmap have come. Throws <see cref="BlockException"/> if they are those of a smaller disk.</summary>
    public void Complete(StreamItem item)
    {
        var arrival = Require(item);
        if (arrival.Bitmap is not { } bitmap)
        {
            return;
        }
        if (arrival.ReceivedBytes != bitmap.SizeBytes)
        {
            throw OtherSize(item.Bitmap, bitmap.SizeBytes);
        }
        if (!arrival.IsComplete)
        {
            arrival.IsComplete = true;
            if (mayRun)
            {
                Settle(arrival, bitmap);
            }
        }
    }

    /// <summary>
    /// The machine may run from now on, its disks are active: what has arrived is the nodes' own, and what has not records by a
    /// successor. Throws <see cref="BlockException"/> when there is no memory for that.
    /// </summary>
    public void AllowRunning()
    {
        mayRun = true;
        foreach (var arrival in arrivals.Values)
        {
            if (arrival.Bitmap is { } bitmap)
            {
                if (arrival.IsComplete)
                {
                    Settle(arrival, bitmap);
                }
                else if (arrival.WillRecord)
                {
                    bitmap.Unlock();
                    bitmap.Enable();
                    bitmap.CreateSuccessor();
                }
            }
        }
    }

    /// <summary>Takes away what has not wholly arrived: the source is gone.</summary>
    public void DropIncomplete()
    {
        foreach (var arrival in arrivals.Values)
        {
            if (arrival is { Bitmap: { } bitmap, IsComplete: false })
            {
                if (bitmap.Successor is not null)
                {
                    bitmap.Reclaim();
                }
                else
                {
                    bitmap.Unlock();
                }
                arrival.Node!.Bitmaps.Remove(bitmap); // where a bitmap is, its node is
                arrival.Bitmap = null;
            }
        }
    }

    private static void Settle(Arrival arrival, DirtyBitmap bitmap)
    {
        if (bitmap.Successor is not null)
        {
            bitmap.Reclaim();
            return;
        }
        bitmap.Unlock();
        if (arrival.WillRecord)
        {
            bitmap.Enable();
        }
    }

    private (BlockNode Node, string Name, bool? Persistent)? FindPlace(string node, string bitmap)
    {
        NodeAlias? alias = null;
        if (mapping() is { } known)
        {
            alias = known.FirstOrDefault(a => a.Alias == node);
            if (alias is null)
            {
                warn($"Error: Unknown node alias '{node}'");
                return null;
            }
        }
        if (!graph.TryFind(alias?.NodeName ?? node, out var found))
        {
            warn(
                alias is null
                    ? $"Cannot find device='{node}' nor node-name='{node}'"
                    : $"Cannot find device='' nor node-name='{alias.NodeName}'"
            );
            return null;
        }
        if (alias is null)
        {
            return (found, bitmap, null);
        }
        if (alias.Bitmaps.FirstOrDefault(b => b.Alias == bitmap) is not { } inner)
        {
            warn($"Error: Unknown bitmap alias '{bitmap}' on node '{alias.NodeName}' (alias '{node}')");
            return null;
        }
        return (found, inner.Name, inner.Transform?.Persistent);
    }

    private Arrival Require(StreamItem item) =>
        arrivals.TryGetValue((item.Node, item.Bitmap), out var arrival)
            ? arrival
            : throw new BlockException(
                BlockErrorKind.Corrupt,
                $"Error: unknown dirty bitmap '{item.Bitmap}' for block device '{item.Node}'"
            );

    private static void RequireLength(StreamItem item, long needed)
    {
        if (item.Data.Length < needed || item.Data.Length > Alignment.Up(needed, MigrationLimits.DataAlignment))
        {
            throw new BlockException(
                BlockErrorKind.Corrupt,
                $"A piece of bitmap '{item.Bitmap}' has {item.Data.Length} bytes of data where {needed} belong"
            );
        }
    }

    private static BlockException OtherSize(string bitmap, long sizeBytes) =>
        new(
            BlockErrorKind.Corrupt,
            $"Bitmap '{bitmap}' stands for a disk of another size than the one here, which has {sizeBytes} bytes"
        );

    private sealed class Arrival
    {
        public DirtyBitmap? Bitmap { get; set; }
        public BlockNode? Node { get; init; }
        public bool WillRecord { get; init; }
        public long ReceivedBytes { get; set; }
        public bool IsComplete { get; set; }
    }
}
