using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Options;

/// <summary>The options of a qcow2 node as blockdev-add and command lines give them. Sizes in bytes, the interval in seconds.</summary>
[Schema]
internal sealed partial record BlockdevOptionsQcow2(
    BlockdevRef File,
    BlockdevRefOrNull? Backing = null,
    bool? LazyRefcounts = null,
    bool? PassDiscardRequest = null,
    bool? PassDiscardSnapshot = null,
    bool? PassDiscardOther = null,
    Qcow2OverlapChecks? OverlapCheck = null,
    [Size] ulong? CacheSize = null,
    [Size] ulong? L2CacheSize = null,
    [Size] ulong? L2CacheEntrySize = null,
    [Size] ulong? RefcountCacheSize = null,
    ulong? CacheCleanInterval = null,
    BlockdevQcow2Encryption? Encrypt = null,
    BlockdevRef? DataFile = null
)
{
    /// <summary>The options in the driver's own terms. Throws <see cref="BlockException"/> for what is not supported or out of range.</summary>
    public Qcow2Options ToOptions()
    {
        if (Encrypt is not null)
        {
            throw new BlockException(BlockErrorKind.NotSupported, "qcow2: Encrypted images are not supported");
        }
        if (DataFile is not null)
        {
            throw new BlockException(BlockErrorKind.NotSupported, "qcow2: External data files are not supported");
        }
        if (CacheCleanInterval > uint.MaxValue)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Cache clean interval too big");
        }
        return new Qcow2Options
        {
            LazyRefcounts = LazyRefcounts,
            PassDiscardRequest = PassDiscardRequest,
            PassDiscardSnapshot = PassDiscardSnapshot ?? true,
            PassDiscardOther = PassDiscardOther ?? false,
            OverlapCheck = OverlapCheck?.ToKinds() ?? MetadataKinds.Cached,
            CacheSize = Bounded(CacheSize, "Cache size too big"),
            L2CacheSize = Bounded(L2CacheSize, "L2 cache size too big"),
            L2CacheEntrySize = Bounded(L2CacheEntrySize, "L2 cache entry size too big"),
            RefcountCacheSize = Bounded(RefcountCacheSize, "Refcount cache size too big"),
            CacheCleanInterval = (long?)CacheCleanInterval,
        };
    }

    private static long? Bounded(ulong? value, string message) =>
        value is null or <= long.MaxValue ? (long?)value : throw new BlockException(BlockErrorKind.InvalidOptions, message);
}
