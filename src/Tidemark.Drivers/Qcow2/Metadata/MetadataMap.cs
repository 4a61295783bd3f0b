using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2.Metadata;

/// <summary>
/// Where the image's metadata lies, so that no write hits it by mistake. Tables of which there are few are ranges; L2 tables
/// and refcount blocks, of which there may be millions, are clusters in a hash table.
/// </summary>
internal sealed class MetadataMap(Qcow2Geometry geometry, MetadataKinds guarded)
{
    private readonly List<(MetadataKinds Kind, ByteRange Range)> ranges = [];
    private readonly ClusterKinds clusters = new();

    /// <summary>Which kinds are looked for.</summary>
    public MetadataKinds Guarded { get; set; } = guarded;

    /// <summary>Notes that a cluster holds an L2 table or a refcount block.</summary>
    public void Add(long cluster, MetadataKinds kind) => clusters.Add(cluster, kind);

    /// <summary>Notes that it does so no more.</summary>
    public void Remove(long cluster, MetadataKinds kind) => clusters.Remove(cluster, kind);

    /// <summary>Forgets all clusters, before they are noted anew.</summary>
    public void ClearClusters() => clusters.Clear();

    /// <summary>Sets where a table of the kind lies; nothing if it is empty.</summary>
    public void SetRange(MetadataKinds kind, long offset, long bytes)
    {
        ClearRanges(kind);
        AddRange(kind, offset, bytes);
    }

    /// <summary>Notes a further table of the kind.</summary>
    public void AddRange(MetadataKinds kind, long offset, long bytes)
    {
        if (bytes > 0 && offset >= 0 && offset <= long.MaxValue - bytes)
        {
            ranges.Add((kind, new ByteRange(offset, bytes)));
        }
    }

    /// <summary>Forgets all tables of the kind.</summary>
    public void ClearRanges(MetadataKinds kind) => _ = ranges.RemoveAll(r => r.Kind == kind);

    /// <summary>The kinds of guarded metadata, except those in <paramref name="except"/>, that the bytes would hit.</summary>
    public MetadataKinds FindOverlap(MetadataKinds except, long offset, long bytes)
    {
        var looked = Guarded & ~except;
        if (looked == MetadataKinds.None || bytes == 0)
        {
            return MetadataKinds.None;
        }
        var end = offset + bytes;
        var hit = MetadataKinds.None;
        foreach (var (kind, range) in ranges)
        {
            if (offset < range.End && range.Offset < end)
            {
                hit |= kind;
            }
        }
        for (var cluster = offset >> geometry.ClusterBits; cluster <= (end - 1) >> geometry.ClusterBits; cluster++)
        {
            hit |= clusters[cluster];
        }
        return hit & looked;
    }
}
