using System.Collections.Immutable;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Throttling;

/// <summary>All bounds of a throttle group.</summary>
/// <param name="Limits">The bounds, indexed by <see cref="ThrottleBucket"/>.</param>
/// <param name="IopsSize">Bytes that count as one request: a longer one counts as several. 0: each counts once.</param>
public sealed record ThrottleSettings(ImmutableArray<ThrottleLimit> Limits, ulong IopsSize)
{
    /// <summary>How many kinds of bound there are.</summary>
    public const int Buckets = 6;

    /// <summary>The largest rate, units a second (reference: THROTTLE_VALUE_MAX).</summary>
    public const long LargestRate = 1_000_000_000_000_000;

    /// <summary>No bound at all.</summary>
    public static readonly ThrottleSettings None = new([.. Enumerable.Repeat(ThrottleLimit.None, Buckets)], 0);

    /// <summary>The bound of one kind.</summary>
    public ThrottleLimit this[ThrottleBucket bucket] => Limits[(int)bucket];

    /// <summary>Refuses bounds that contradict one another: throws <see cref="BlockException"/> in the reference's words.</summary>
    public void Check()
    {
        if (MixesTotal(static limit => limit.Average) || MixesTotal(static limit => limit.Burst))
        {
            throw Invalid("bps/iops/max total values and read/write values cannot be used at the same time");
        }
        if (IopsSize != 0 && Limits.Skip((int)ThrottleBucket.IopsTotal).All(static limit => limit.Average == 0))
        {
            throw Invalid("iops size requires an iops value to be set");
        }
        foreach (var limit in Limits)
        {
            Check(limit);
        }
    }

    private static void Check(ThrottleLimit limit)
    {
        if (limit.Average is < 0 or > LargestRate || limit.Burst is < 0 or > LargestRate)
        {
            throw Invalid($"bps/iops/max values must be within [0, {LargestRate}]");
        }
        if (limit.BurstSeconds == 0)
        {
            throw Invalid("the burst length cannot be 0");
        }
        if (limit is { BurstSeconds: > 1, Burst: 0 })
        {
            throw Invalid("burst length set without burst rate");
        }
        if (limit.Burst > 0 && limit.BurstSeconds > (ulong)(LargestRate / limit.Burst))
        {
            throw Invalid("burst length too high for this burst rate");
        }
        if (limit is { Burst: > 0, Average: 0 })
        {
            throw Invalid("bps_max/iops_max require corresponding bps/iops values");
        }
        if (limit.Burst > 0 && limit.Burst < limit.Average)
        {
            throw Invalid("bps_max/iops_max cannot be lower than bps/iops");
        }
    }

    private bool MixesTotal(Func<ThrottleLimit, long> rate)
    {
        return Mixes(ThrottleBucket.BpsTotal) || Mixes(ThrottleBucket.IopsTotal);

        // The kinds of a family stand together: total, read, write.
        bool Mixes(ThrottleBucket total) => rate(this[total]) != 0 && (rate(this[total + 1]) != 0 || rate(this[total + 2]) != 0);
    }

    private static BlockException Invalid(string text) => new(BlockErrorKind.InvalidOptions, text);
}
