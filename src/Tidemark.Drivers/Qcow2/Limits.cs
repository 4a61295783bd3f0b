namespace Tidemark.Drivers.Qcow2;

/// <summary>The bounds of the qcow2 driver. Those of the format are the reference's, so that both refuse the same images.</summary>
internal static class Limits
{
    /// <summary>Longest name of a backing file, bytes. (qcow2 specification, "backing_file_size".)</summary>
    public const int BackingNameBytes = 1023;

    /// <summary>Longest name of a backing file's format, bytes.</summary>
    public const int BackingFormatBytes = 15;

    /// <summary>Largest active L1 table, bytes.</summary>
    public const int L1TableBytes = 32 << 20;

    /// <summary>Largest refcount table, bytes.</summary>
    public const int RefcountTableBytes = 8 << 20;

    /// <summary>Largest snapshot table, bytes.</summary>
    public const int SnapshotTableBytes = 1024 * 65536;

    /// <summary>Most snapshots.</summary>
    public const int Snapshots = 65536;

    /// <summary>Largest extra data of a snapshot table entry, bytes.</summary>
    public const int SnapshotExtraBytes = 1024;

    /// <summary>Default bound of the cache of L2 slices, bytes: enough for 256 GiB in clusters of 64 KiB.</summary>
    public const long L2CacheBytes = 32 << 20;

    /// <summary>Fewest slices or blocks that a cache holds: work on one may need a second, and eviction a choice.</summary>
    public const int MinL2Slices = 2;

    /// <summary>Refcount blocks that the cache holds by default.</summary>
    public const int RefcountBlocks = 4;

    /// <summary>Default interval after which slices that nobody used are let go, seconds.</summary>
    public const int CacheCleanSeconds = 600;

    /// <summary>Pieces of one scattered request that are under way at once.</summary>
    public const int ParallelPieces = 8;

    /// <summary>Clusters of one compressed write that are packed ahead: more than processors to pack them, few enough to hold in memory.</summary>
    public const int PackingClusters = 16;

    /// <summary>Longest run that one allocating write may take at once, bytes.</summary>
    public const int AllocationRun = 64 << 20;

    /// <summary>Data of a partly written cluster up to which it is merged with the rest of the cluster in one buffer, bytes.</summary>
    public const int MergeBytes = 256 << 10;

    /// <summary>Ranges of freed clusters that may wait for the next write-back before one is made.</summary>
    public const int PendingFrees = 4096;

    /// <summary>Refcount table: how many entries beyond need a grown table gets, as a share.</summary>
    public const int TableGrowthDivisor = 2;
}
