namespace Tidemark.Block.Throttling;

/// <summary>The bound of one <see cref="ThrottleBucket"/>; units are bytes or requests.</summary>
/// <param name="Average">Units a second in the long run; 0 is no bound.</param>
/// <param name="Burst">Units a second while a burst lasts; 0 allows a tenth of a second's average at once.</param>
/// <param name="BurstSeconds">How long a burst may last, seconds; 1 lets <paramref name="Burst"/> units go at once.</param>
public readonly record struct ThrottleLimit(long Average, long Burst, ulong BurstSeconds)
{
    /// <summary>No bound.</summary>
    public static readonly ThrottleLimit None = new(0, 0, 1);
}
