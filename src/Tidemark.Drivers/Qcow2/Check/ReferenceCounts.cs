using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>
/// How often each cluster is referred to, by our own count. Sparse, a byte per cluster (greater counts aside), so that memory
/// follows what is referred to and not how long the file claims to be.
/// </summary>
/// <param name="max">Where counting stops: the greatest refcount that the image can hold.</param>
internal sealed class ReferenceCounts(ulong max)
{
    /// <summary>Clusters of a chunk.</summary>
    public const int ChunkClusters = 1 << ChunkBits;

    private const int ChunkBits = 8;
    private const byte Escape = byte.MaxValue;

    private readonly Dictionary<long, byte[]> chunks = [];
    private readonly Dictionary<long, ulong> large = [];
    private long lastKey = -1;
    private byte[]? last;

    /// <summary>Clusters from 0 on that are looked at: those of the file, or up to the last that is referred to.</summary>
    public long ClusterCount { get; private set; }

    /// <summary>References to <paramref name="cluster"/>.</summary>
    public ulong this[long cluster]
    {
        get
        {
            if (Find(cluster >> ChunkBits) is not { } chunk)
            {
                return 0;
            }
            var count = chunk[cluster & (ChunkClusters - 1)];
            return count < Escape ? count : large[cluster];
        }
    }

    /// <summary>Lets the first <paramref name="count"/> clusters be looked at, at least.</summary>
    public void Extend(long count) => ClusterCount = Math.Max(ClusterCount, count);

    /// <summary>
    /// Adds a reference; false when the image could not record it. Throws <see cref="BlockException"/> when the references are so
    /// scattered that counting them would take unreasonable memory.
    /// </summary>
    public bool TryAdd(long cluster)
    {
        Extend(cluster + 1);
        var chunk = Find(cluster >> ChunkBits) ?? Create(cluster >> ChunkBits);
        ref var count = ref chunk[cluster & (ChunkClusters - 1)];
        if (count < Escape - 1)
        {
            if (count == max)
            {
                return false;
            }
            count++;
            return true;
        }
        var exact = count == Escape ? large[cluster] : count;
        if (exact == max)
        {
            return false;
        }
        count = Escape;
        large[cluster] = exact + 1;
        return true;
    }

    /// <summary>First clusters of all chunks that have references, in rising order.</summary>
    public long[] SortedChunks()
    {
        var starts = new long[chunks.Count];
        var i = 0;
        foreach (var key in chunks.Keys)
        {
            starts[i++] = key << ChunkBits;
        }
        Array.Sort(starts);
        return starts;
    }

    /// <summary>Begins anew, with the same clusters to look at.</summary>
    public void Clear()
    {
        chunks.Clear();
        large.Clear();
        (lastKey, last) = (-1, null);
    }

    private byte[]? Find(long key)
    {
        if (key != lastKey)
        {
            lastKey = key;
            last = chunks.GetValueOrDefault(key);
        }
        return last;
    }

    private byte[] Create(long key)
    {
        if (chunks.Count >= CheckLimits.ReferenceChunks)
        {
            throw new BlockException(
                BlockErrorKind.NoSpace,
                "The image's references are too many and too scattered to be checked in the memory that a check may take"
            );
        }
        last = new byte[ChunkClusters];
        lastKey = key;
        chunks.Add(key, last);
        return last;
    }
}
