using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tidemark.Drivers.Qcow2.Metadata;

/// <summary>
/// Which clusters of the image file hold tables and blocks: a hash table with open addressing, a key and a kind in each slot,
/// so that a write finds out in a few nanoseconds that it hits none of them.
/// </summary>
internal sealed class ClusterKinds
{
    private const int Smallest = 64;
    private const ushort Gone = 0x8000;
    private long[] clusters = new long[Smallest];
    private ushort[] kinds = new ushort[Smallest];
    private int taken;

    /// <summary>The kinds of the cluster of this number.</summary>
    public MetadataKinds this[long cluster]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            for (var slot = SlotOf(cluster); kinds[slot] != 0; slot = (slot + 1) & (kinds.Length - 1))
            {
                if (clusters[slot] == cluster)
                {
                    return (MetadataKinds)(kinds[slot] & ~Gone);
                }
            }
            return MetadataKinds.None;
        }
    }

    /// <summary>Adds a kind to a cluster.</summary>
    public void Add(long cluster, MetadataKinds kind)
    {
        var slot = SlotOf(cluster);
        for (; kinds[slot] != 0; slot = (slot + 1) & (kinds.Length - 1))
        {
            if (clusters[slot] == cluster)
            {
                kinds[slot] |= (ushort)kind;
                return;
            }
        }
        (clusters[slot], kinds[slot]) = (cluster, (ushort)kind);
        if (++taken > kinds.Length / 2)
        {
            Grow();
        }
    }

    /// <summary>Takes a kind from a cluster.</summary>
    public void Remove(long cluster, MetadataKinds kind)
    {
        for (var slot = SlotOf(cluster); kinds[slot] != 0; slot = (slot + 1) & (kinds.Length - 1))
        {
            if (clusters[slot] == cluster)
            {
                // The slot stays taken, so that those behind it are still found.
                kinds[slot] = (ushort)((kinds[slot] & ~(int)kind) | Gone);
                return;
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => (clusters, kinds, taken) = (new long[Smallest], new ushort[Smallest], 0);

    private int SlotOf(long cluster) =>
        (int)((ulong)cluster * 0x9e37_79b9_7f4a_7c15 >> (64 - BitOperations.Log2((uint)kinds.Length)));

    private void Grow()
    {
        var (oldClusters, oldKinds) = (clusters, kinds);
        (clusters, kinds, taken) = (new long[oldKinds.Length * 2], new ushort[oldKinds.Length * 2], 0);
        for (var i = 0; i < oldKinds.Length; i++)
        {
            if ((oldKinds[i] & ~Gone) != 0)
            {
                Add(oldClusters[i], (MetadataKinds)(oldKinds[i] & ~Gone));
            }
        }
    }
}
