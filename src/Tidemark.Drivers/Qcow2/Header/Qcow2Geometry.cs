using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Qcow2.Header;

/// <summary>
/// How big things are in one qcow2 image, all powers of two that follow from two numbers of its header. Sizes and offsets in
/// bytes. (qcow2 specification, "Header", "Cluster mapping", "Host cluster management".)
/// </summary>
internal sealed class Qcow2Geometry
{
    /// <summary>Smallest cluster: 2^9 bytes.</summary>
    public const int MinClusterBits = 9;

    /// <summary>Largest cluster that is taken: 2^21 bytes, the reference's limit.</summary>
    public const int MaxClusterBits = 21;

    /// <summary>Widest refcount: 2^6 bits.</summary>
    public const int MaxRefcountOrder = 6;

    /// <summary>Bits 9 to 55 of an L1 entry, a standard L2 entry or a bitmap table entry: an offset in the image file.</summary>
    public const ulong OffsetMask = 0x00ff_ffff_ffff_fe00;

    /// <summary>The highest host offset that an entry can name: 56 bits.</summary>
    public const long MaxHostOffset = (1L << 56) - 1;

    /// <summary>The geometry for clusters of 2^<paramref name="clusterBits"/> bytes and refcounts of 2^<paramref name="refcountOrder"/> bits; both have been checked.</summary>
    public Qcow2Geometry(int clusterBits, int refcountOrder)
    {
        Invariant.That(clusterBits is >= MinClusterBits and <= MaxClusterBits, "cluster size has been checked");
        Invariant.That(refcountOrder is >= 0 and <= MaxRefcountOrder, "refcount width has been checked");
        ClusterBits = clusterBits;
        RefcountOrder = refcountOrder;
        MaxRefcount = RefcountBits == 64 ? ulong.MaxValue : (1UL << RefcountBits) - 1;
        // Bytes of an L2 entry's compressed descriptor that say where: the rest counts sectors.
        CompressedSizeShift = 62 - (clusterBits - 8);
    }

    /// <summary>Log2 of the cluster size.</summary>
    public int ClusterBits { get; }

    /// <summary>Bytes of a cluster.</summary>
    public int ClusterSize => 1 << ClusterBits;

    /// <summary>Mask of an offset within a cluster.</summary>
    public long ClusterMask => ClusterSize - 1;

    /// <summary>Log2 of the entries of an L2 table, which is one cluster of 8-byte entries.</summary>
    public int L2Bits => ClusterBits - 3;

    /// <summary>Entries of an L2 table.</summary>
    public int L2Entries => 1 << L2Bits;

    /// <summary>Guest bytes that one L2 table (one L1 entry) maps.</summary>
    public long L2Coverage => 1L << (ClusterBits + L2Bits);

    /// <summary>Log2 of the bits of a refcount.</summary>
    public int RefcountOrder { get; }

    /// <summary>Bits of a refcount: 1, 2, 4, 8, 16, 32 or 64.</summary>
    public int RefcountBits => 1 << RefcountOrder;

    /// <summary>The highest refcount that can be stored.</summary>
    public ulong MaxRefcount { get; }

    /// <summary>Log2 of the refcounts in a refcount block, which is one cluster.</summary>
    public int RefcountBlockBits => ClusterBits + 3 - RefcountOrder;

    /// <summary>Refcounts in a refcount block.</summary>
    public int RefcountBlockEntries => 1 << RefcountBlockBits;

    /// <summary>8-byte entries in one cluster of the refcount table.</summary>
    public int RefcountTableEntriesPerCluster => ClusterSize / 8;

    /// <summary>The lowest bit of the sector count in a compressed cluster's L2 entry; the bits below it are a byte offset.</summary>
    public int CompressedSizeShift { get; }

    /// <summary>Mask of the byte offset in a compressed cluster's L2 entry.</summary>
    public ulong CompressedOffsetMask => (1UL << CompressedSizeShift) - 1;

    /// <summary>Number of the cluster that <paramref name="offset"/> lies in.</summary>
    public long ClusterOf(long offset) => offset >> ClusterBits;

    /// <summary>Clusters that it takes to hold <paramref name="bytes"/>.</summary>
    public long ClustersFor(long bytes) => (bytes >> ClusterBits) + ((bytes & ClusterMask) == 0 ? 0 : 1);

    /// <summary><paramref name="offset"/> down to the start of its cluster.</summary>
    public long ClusterStart(long offset) => Alignment.Down(offset, ClusterSize);

    /// <summary><paramref name="offset"/> up to the next start of a cluster.</summary>
    public long ClusterEnd(long offset) => Alignment.Up(offset, ClusterSize);

    /// <summary>Offset within its cluster.</summary>
    public int OffsetInCluster(long offset) => (int)(offset & ClusterMask);

    /// <summary>Whether a cluster begins here.</summary>
    public bool IsClusterAligned(long offset) => (offset & ClusterMask) == 0;

    /// <summary>Index of the L1 entry that maps the guest offset.</summary>
    public long L1Index(long guestOffset) => guestOffset >> (ClusterBits + L2Bits);

    /// <summary>Index of the entry in its L2 table that maps the guest offset.</summary>
    public int L2Index(long guestOffset) => (int)(guestOffset >> ClusterBits) & (L2Entries - 1);

    /// <summary>L1 entries that it takes to map a disk of <paramref name="guestBytes"/>.</summary>
    public long L1EntriesFor(long guestBytes) => Alignment.DivideUp(guestBytes, L2Coverage);

    /// <summary>Index in the refcount table of the block that counts the cluster.</summary>
    public long RefcountTableIndex(long cluster) => cluster >> RefcountBlockBits;

    /// <summary>Index of the cluster's refcount in its block.</summary>
    public int RefcountBlockIndex(long cluster) => (int)(cluster & (RefcountBlockEntries - 1));

    /// <summary>The L2 entry of <paramref name="bytes"/> of compressed data at this offset: it counts the sectors that follow the first.</summary>
    public ulong EncodeCompressed(long offset, int bytes)
    {
        var sectors = (ulong)(((offset + bytes - 1) >> 9) - (offset >> 9));
        return Mapping.EntryBits.Compressed | (sectors << CompressedSizeShift) | (ulong)offset;
    }

    /// <summary>Where the compressed data of the L2 entry lies, and how many bytes at most it takes: up to the end of its last sector.</summary>
    public (long Offset, int Length) DecodeCompressed(ulong entry)
    {
        var offset = (long)(entry & CompressedOffsetMask);
        var sectors = (int)((entry >> CompressedSizeShift) & ((1UL << (62 - CompressedSizeShift)) - 1)) + 1;
        return (offset, (sectors * 512) - (int)(offset & 511));
    }
}
