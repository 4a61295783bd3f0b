using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Options;

/// <summary>The options of a qcow2 node as blockdev-add takes them (BlockdevOptionsQcow2). Sizes in bytes.</summary>
internal sealed record Qcow2Options
{
    /// <summary>Whether refcounts are kept up lazily; null: as the image says.</summary>
    public bool? LazyRefcounts { get; init; }

    /// <summary>Whether a guest's discard reaches the file below; null: if the node's discard option is "unmap".</summary>
    public bool? PassDiscardRequest { get; init; }

    /// <summary>Whether clusters that a snapshot lets go of are discarded below.</summary>
    public bool PassDiscardSnapshot { get; init; } = true;

    /// <summary>Whether clusters that become free otherwise are discarded below.</summary>
    public bool PassDiscardOther { get; init; }

    /// <summary>Which metadata is guarded against stray writes.</summary>
    public MetadataKinds OverlapCheck { get; init; } = MetadataKinds.Cached;

    /// <summary>Bound of both caches together.</summary>
    public long? CacheSize { get; init; }

    /// <summary>Bound of the cache of L2 slices.</summary>
    public long? L2CacheSize { get; init; }

    /// <summary>Size of a slice.</summary>
    public long? L2CacheEntrySize { get; init; }

    /// <summary>Bound of the cache of refcount blocks.</summary>
    public long? RefcountCacheSize { get; init; }

    /// <summary>After how many seconds slices that nobody used are let go; 0 never; null: the default.</summary>
    public long? CacheCleanInterval { get; init; }
}
