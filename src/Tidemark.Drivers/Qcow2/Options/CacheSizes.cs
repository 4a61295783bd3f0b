using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2.Options;

/// <summary>How much the caches of one image hold.</summary>
/// <param name="L2Slices">Slices of L2 tables.</param>
/// <param name="L2SliceBytes">Bytes of a slice, a power of two.</param>
/// <param name="RefcountBlocks">Refcount blocks.</param>
internal readonly record struct CacheSizes(int L2Slices, int L2SliceBytes, int RefcountBlocks)
{
    private const int SmallestSlice = 512;
    private const int DefaultSlice = 65536;

    /// <summary>
    /// The sizes that the options ask for, filled up by the reference's rules: the L2 cache covers the disk if 32 MiB suffice
    /// for that, the refcount cache has four blocks. Throws <see cref="BlockException"/> for options that contradict each other.
    /// </summary>
    public static CacheSizes Compute(Qcow2Options options, Qcow2Geometry geometry, long sizeBytes)
    {
        var slice = options.L2CacheEntrySize ?? Math.Min(geometry.ClusterSize, DefaultSlice);
        var wholeDisk = Alignment.Up(geometry.ClustersFor(sizeBytes) * 8, geometry.ClusterSize);
        var fewestBlocks = (long)Qcow2.Limits.RefcountBlocks << geometry.ClusterBits;
        var (l2, refcounts) = Share(options, wholeDisk, fewestBlocks);
        if (slice < SmallestSlice || slice > geometry.ClusterSize || !long.IsPow2(slice))
        {
            throw Invalid(
                $"L2 cache entry size must be a power of two between {SmallestSlice} and the cluster size ({geometry.ClusterSize})"
            );
        }
        var slices = Math.Max(l2 / slice, Qcow2.Limits.MinL2Slices);
        var blocks = Math.Max(refcounts >> geometry.ClusterBits, Qcow2.Limits.RefcountBlocks);
        if (slices > int.MaxValue)
        {
            throw Invalid("L2 cache size too big");
        }
        if (blocks > int.MaxValue)
        {
            throw Invalid("Refcount cache size too big");
        }
        return new((int)slices, (int)slice, (int)blocks);
    }

    private static (long L2, long Refcounts) Share(Qcow2Options options, long wholeDisk, long fewestBlocks)
    {
        if (options.CacheSize is not { } both)
        {
            var l2 = options.L2CacheSize ?? Qcow2.Limits.L2CacheBytes;
            return (Math.Min(l2, wholeDisk), options.RefcountCacheSize ?? fewestBlocks);
        }
        if (options is { L2CacheSize: not null, RefcountCacheSize: not null })
        {
            throw Invalid("cache-size, l2-cache-size and refcount-cache-size may not be set at the same time");
        }
        if (options.L2CacheSize > both)
        {
            throw Invalid("l2-cache-size may not exceed cache-size");
        }
        if (options.RefcountCacheSize > both)
        {
            throw Invalid("refcount-cache-size may not exceed cache-size");
        }
        if (options.L2CacheSize is { } forL2)
        {
            return (forL2, both - forL2);
        }
        if (options.RefcountCacheSize is { } forRefcounts)
        {
            return (both - forRefcounts, forRefcounts);
        }
        if (both >= wholeDisk + fewestBlocks)
        {
            return (wholeDisk, both - wholeDisk);
        }
        var blocks = Math.Min(both, fewestBlocks);
        return (both - blocks, blocks);
    }

    private static BlockException Invalid(string message) => new(BlockErrorKind.InvalidOptions, message);
}
