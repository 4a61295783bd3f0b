using Tidemark.Drivers.Qcow2.Bitmaps;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>
/// Where an image's metadata lies, as its header says (qcow2 spec, "Header"). The header has been validated; what it points to
/// has not.
/// </summary>
internal sealed record CheckLayout
{
    /// <summary>Version of the format, 2 or 3.</summary>
    public required int Version { get; init; }

    /// <summary>Size of a cluster as a power of two, 9 to 21.</summary>
    public required int ClusterBits { get; init; }

    /// <summary>Width of a refcount in bits, as a power of two: 0 to 6.</summary>
    public required int RefcountOrder { get; init; }

    /// <summary>Size of the guest's disk, bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Offset of the active L1 table, bytes; a multiple of the cluster size.</summary>
    public required long L1Offset { get; init; }

    /// <summary>Entries of the active L1 table.</summary>
    public required int L1Entries { get; init; }

    /// <summary>Offset of the refcount table, bytes; a multiple of the cluster size.</summary>
    public required long RefcountTableOffset { get; init; }

    /// <summary>Clusters that the refcount table takes.</summary>
    public required int RefcountTableClusters { get; init; }

    /// <summary>Offset of the snapshot table, bytes.</summary>
    public long SnapshotsOffset { get; init; }

    /// <summary>Entries of the snapshot table.</summary>
    public int SnapshotCount { get; init; }

    /// <summary>Offset of the bitmap directory, bytes.</summary>
    public long BitmapDirectoryOffset { get; init; }

    /// <summary>Length of the bitmap directory, bytes.</summary>
    public long BitmapDirectorySize { get; init; }

    /// <summary>Bitmaps in the directory; 0 too when the extension may not be relied upon.</summary>
    public int BitmapCount { get; init; }

    /// <summary>Whether the guest's data lies in a file of its own, without refcounts.</summary>
    public bool HasDataFile { get; init; }

    /// <summary>Whether L2 entries have a bitmap of subclusters.</summary>
    public bool ExtendedL2 { get; init; }

    /// <summary>Size of a cluster, bytes.</summary>
    public int ClusterSize => 1 << ClusterBits;

    /// <summary>Bytes of an L2 entry.</summary>
    public int L2EntrySize => ExtendedL2 ? 16 : 8;

    /// <summary>Refcounts in one refcount block, as a power of two.</summary>
    public int RefcountBlockBits => ClusterBits + 3 - RefcountOrder;

    /// <summary>The greatest refcount that fits.</summary>
    public ulong MaxRefcount => RefcountOrder == 6 ? ulong.MaxValue : (1UL << (1 << RefcountOrder)) - 1;

    /// <summary>
    /// The layout that <paramref name="header"/> describes. Bitmaps count only where the autoclear bit says that the extension is
    /// to be relied upon. Throws <see cref="Core.Errors.BlockException"/> when that extension is wrong.
    /// </summary>
    public static CheckLayout Of(Qcow2Header header)
    {
        var bitmaps = StoredBitmapsHeader.Read(header);
        return new()
        {
            Version = header.Version,
            ClusterBits = header.ClusterBits,
            RefcountOrder = header.RefcountOrder,
            SizeBytes = header.SizeBytes,
            L1Offset = header.L1Offset,
            L1Entries = header.L1Entries,
            RefcountTableOffset = header.RefcountTableOffset,
            RefcountTableClusters = header.RefcountTableClusters,
            SnapshotsOffset = header.SnapshotsOffset,
            SnapshotCount = header.SnapshotCount,
            BitmapDirectoryOffset = bitmaps?.DirectoryOffset ?? 0,
            BitmapDirectorySize = bitmaps?.DirectorySize ?? 0,
            BitmapCount = bitmaps?.Count ?? 0,
            HasDataFile = (header.IncompatibleFeatures & Qcow2Features.ExternalData) != 0,
            ExtendedL2 = (header.IncompatibleFeatures & Qcow2Features.ExtendedL2) != 0,
        };
    }

    /// <summary>The cluster that holds the byte at <paramref name="offset"/>.</summary>
    public long ClusterOf(long offset) => offset >> ClusterBits;

    /// <summary>Whether <paramref name="offset"/> is where a cluster begins.</summary>
    public bool IsAligned(long offset) => (offset & (ClusterSize - 1)) == 0;

    /// <summary>How many clusters hold <paramref name="bytes"/> bytes.</summary>
    public long ClustersFor(long bytes) => (bytes >> ClusterBits) + (IsAligned(bytes) ? 0 : 1);
}
