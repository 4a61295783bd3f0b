using Tidemark.Core.Errors;

namespace Tidemark.Block.Accounting;

/// <summary>
/// How many requests took how long. Bin 0 has those below the first boundary, bin i those from boundary i-1 on and below boundary i,
/// the last one the rest. Belongs to the graph's loop.
/// </summary>
public sealed class LatencyHistogram
{
    private readonly long[] boundaries;
    private readonly long[] bins;

    /// <summary>Counts by <paramref name="boundaries"/>: nanoseconds, above 0, ascending. Throws <see cref="BlockException"/> otherwise.</summary>
    public LatencyHistogram(IReadOnlyList<long> boundaries)
    {
        var previous = 0L;
        foreach (var boundary in boundaries)
        {
            if (boundary <= previous)
            {
                throw new BlockException(BlockErrorKind.InvalidOptions, "boundaries must be ascending and above zero");
            }
            previous = boundary;
        }
        this.boundaries = [.. boundaries];
        bins = new long[boundaries.Count + 1];
    }

    /// <summary>Where bins meet, nanoseconds.</summary>
    public IReadOnlyList<long> Boundaries => boundaries;

    /// <summary>Requests of each bin, one more than there are boundaries.</summary>
    public IReadOnlyList<long> Bins => bins;

    /// <summary>Counts a request that took so many nanoseconds.</summary>
    public void Add(long nanoseconds)
    {
        // A boundary belongs to the bin above it.
        var place = Array.BinarySearch(boundaries, nanoseconds);
        bins[place < 0 ? ~place : place + 1]++;
    }
}
