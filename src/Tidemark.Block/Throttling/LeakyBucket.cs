namespace Tidemark.Block.Throttling;

/// <summary>
/// One bound at work. Requests fill the bucket, time empties it at the average rate; while it is fuller than a burst may fill it,
/// requests wait. A burst of several seconds has a second, small bucket that empties at the burst's rate, so that the burst is not
/// spent at once.
/// </summary>
internal struct LeakyBucket(ThrottleLimit limit)
{
    /// <summary>The part of a second whose units may go at once where nothing else says so.</summary>
    private const double Slack = 0.1;

    private double level;
    private double burstLevel;

    private readonly bool HasLongBurst => limit.BurstSeconds > 1;

    /// <summary>Time passes.</summary>
    public void Leak(double seconds)
    {
        level = Math.Max(0, level - limit.Average * seconds);
        burstLevel = Math.Max(0, burstLevel - limit.Burst * seconds);
    }

    /// <summary>A request of <paramref name="units"/> goes ahead.</summary>
    public void Fill(double units)
    {
        if (limit.Average > 0)
        {
            level += units;
            burstLevel += HasLongBurst ? units : 0;
        }
    }

    /// <summary>How long the next request must wait, seconds; 0 when it may go now.</summary>
    public readonly double Wait
    {
        get
        {
            if (limit.Average == 0)
            {
                return 0;
            }
            var size = limit.Burst == 0 ? limit.Average * Slack : (double)limit.Burst * limit.BurstSeconds;
            if (level > size)
            {
                return (level - size) / limit.Average;
            }
            var burstSize = limit.Burst * Slack;
            return HasLongBurst && burstLevel > burstSize ? (burstLevel - burstSize) / limit.Burst : 0;
        }
    }
}
