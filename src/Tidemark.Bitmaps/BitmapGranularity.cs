using System.Numerics;
using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps;

/// <summary>The granularities a user may have. Contract B7.</summary>
public static class BitmapGranularity
{
    /// <summary>
    /// The default in bytes for a node with clusters of <paramref name="clusterSize"/> bytes: that, within 4 KiB and 64 KiB; 64 KiB
    /// for a node without clusters (0).
    /// </summary>
    public static long Default(long clusterSize) =>
        clusterSize <= 0
            ? BitmapLimits.MaxDefaultGranularity
            : Math.Clamp(clusterSize, BitmapLimits.MinDefaultGranularity, BitmapLimits.MaxDefaultGranularity);

    /// <summary>The binary logarithm of <paramref name="granularity"/> bytes. Throws <see cref="BlockException"/> for one that is not allowed.</summary>
    public static int Require(long granularity) =>
        granularity is >= BitmapLimits.MinGranularity and <= BitmapLimits.MaxGranularity && BitOperations.IsPow2(granularity)
            ? BitOperations.Log2((ulong)granularity)
            : throw new BlockException(BlockErrorKind.InvalidOptions, "Granularity must be power of 2 and at least 512");
}
