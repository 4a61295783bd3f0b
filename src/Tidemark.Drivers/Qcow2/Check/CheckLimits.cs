namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>Bounds of a check, with their sources: every number in an image is hostile.</summary>
internal static class CheckLimits
{
    /// <summary>
    /// Chunks of 256 clusters whose references are counted: about 700 MB at worst, 32 TiB of allocated 64 KiB clusters.
    /// </summary>
    public const int ReferenceChunks = 1 << 21;

    /// <summary>Memory for refcount blocks that are kept while comparing, bytes.</summary>
    public const int RefcountBlockBytes = 16 << 20;

    /// <summary>Most bytes of refcount blocks that a rebuild makes: enough for 128 TiB of 64 KiB clusters.</summary>
    public const long RebuiltBlockBytes = 4L << 30;

    /// <summary>Clusters without a readable refcount that get a line each; more are only counted.</summary>
    public const int UnreadableLines = 10_000;

    /// <summary>
    /// How often the tables in one cluster are walked for one L1 table, which should name each but once: a small image could
    /// otherwise ask for years of work.
    /// </summary>
    public const int TableWalks = 64;

    /// <summary>Most entries of all bitmap tables together.</summary>
    public const long BitmapTableEntries = 1L << 28;

    /// <summary>Longest L1 table of a snapshot, bytes. The reference's limit for any L1 table.</summary>
    public const long L1TableBytes = 32L << 20;

    /// <summary>Most snapshots. The reference's limit.</summary>
    public const int Snapshots = 65536;

    /// <summary>Longest snapshot table, bytes: the reference's limit for it.</summary>
    public const long SnapshotTableBytes = 1024L * Snapshots;

    /// <summary>Longest extra data of a snapshot, bytes. The reference's limit.</summary>
    public const int SnapshotExtraBytes = 1024;

    /// <summary>Longest refcount table, bytes. The reference's limit.</summary>
    public const long RefcountTableBytes = 8L << 20;

    /// <summary>Offsets in the file stay below it (qcow2 spec: host offsets have 56 bits).</summary>
    public const long FileBytes = 1L << 56;
}
