using System.Collections;
using System.Runtime.CompilerServices;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Bitmaps;

/// <summary>
/// The bitmaps of one node, and the one place where its writes are marked. Enumeration gives them in the order of queries: the
/// newest first, those loaded from a file from its last to its first; nameless helpers included. Contract B2 to B4, B7 to B9.
/// </summary>
/// <remarks>Belongs to its node's loop: not thread-safe.</remarks>
public sealed partial class DirtyBitmapSet : IEnumerable<DirtyBitmap>
{
    private readonly LinkedList<DirtyBitmap> order = new();
    private readonly Dictionary<string, LinkedListNode<DirtyBitmap>> named = new(StringComparer.Ordinal);
    private HierarchicalBitmap[] targets = [];
    private int targetCount;
    private bool stale;

    /// <summary>No bitmaps yet, for a node of <paramref name="sizeBytes"/> bytes with clusters of <paramref name="clusterSize"/> bytes (0: none).</summary>
    public DirtyBitmapSet(long sizeBytes, long clusterSize = 0)
    {
        Invariant.That(sizeBytes >= 0 && clusterSize >= 0, "sizes are not negative");
        SizeBytes = sizeBytes;
        ClusterSize = clusterSize;
    }

    /// <summary>The node's size in bytes, as of the last <see cref="Truncate"/>.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>The node's cluster size in bytes, 0 for none: only the default granularity comes from it.</summary>
    public long ClusterSize { get; set; }

    /// <summary>How many there are, nameless ones included.</summary>
    public int Count => order.Count;

    /// <summary>Granularity in bytes of a bitmap that is added without one.</summary>
    public long DefaultGranularity => BitmapGranularity.Default(ClusterSize);

    /// <summary>
    /// Called after a write was recorded, while somebody waits for the next one: a job that has caught up. Must not write or change the
    /// set. Null otherwise.
    /// </summary>
    public Action? Marked { get; set; }

    /// <summary>Whether a write would be recorded anywhere: if not, <see cref="Mark"/> does nothing.</summary>
    public bool HasRecording
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (stale)
            {
                CollectTargets();
            }
            return targetCount != 0;
        }
    }

    /// <summary>
    /// Records that the bytes of <paramref name="range"/> may have changed, in every recording bitmap, before the write is
    /// acknowledged (contract B8). Allocates nothing. What lies behind the end has no granule and is left out: a node that grows
    /// calls <see cref="Truncate"/> first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Mark(ByteRange range)
    {
        if (HasRecording)
        {
            MarkAll(range);
        }
    }

    /// <summary>
    /// The node has a new size: every bitmap follows (contract B9). Throws <see cref="BlockException"/> when the address space
    /// can't hold them; they are then as before.
    /// </summary>
    public void Truncate(long newSizeBytes)
    {
        var oldSize = SizeBytes;
        try
        {
            foreach (var bitmap in order)
            {
                bitmap.Content.Resize(newSizeBytes);
            }
        }
        catch (BlockException)
        {
            // Only growing can fail, and taking new clean space away again can't.
            foreach (var bitmap in order)
            {
                bitmap.Content.Resize(oldSize);
            }
            throw;
        }
        SizeBytes = newSizeBytes;
    }

    /// <summary>The bitmaps, newest first. Don't add or remove while it runs.</summary>
    public LinkedList<DirtyBitmap>.Enumerator GetEnumerator() => order.GetEnumerator();

    IEnumerator<DirtyBitmap> IEnumerable<DirtyBitmap>.GetEnumerator() => order.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => order.GetEnumerator();

    /// <summary>A bitmap's state or content object changed: whom to mark is found out anew at the next write.</summary>
    internal void Forget() => stale = true;

    private void MarkAll(ByteRange range)
    {
        if (range.End > SizeBytes)
        {
            if (range.Offset >= SizeBytes)
            {
                return;
            }
            range = ByteRange.Between(range.Offset, SizeBytes);
        }
        foreach (var target in targets.AsSpan(0, targetCount))
        {
            target.Set(range);
        }
        Marked?.Invoke();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CollectTargets()
    {
        targetCount = 0;
        foreach (var bitmap in order)
        {
            if (!bitmap.TakesMarks)
            {
                continue;
            }
            if (targetCount == targets.Length)
            {
                Array.Resize(ref targets, Math.Max(4, targetCount * 2));
            }
            targets[targetCount++] = bitmap.Content;
        }
        // Those left over must not be kept alive.
        Array.Clear(targets, targetCount, targets.Length - targetCount);
        stale = false;
    }
}
