namespace Tidemark.Block.Copy;

/// <summary>
/// A limit in bytes per second, as a debt that time pays off: work may begin whenever nothing is owed, and its bytes are owed
/// from then on. So the first piece goes at once, however slow the rate. Belongs to one loop.
/// </summary>
public sealed class RateLimiter(TimeProvider time)
{
    private long bytesPerSecond;
    private long freeAt = time.GetTimestamp();

    /// <summary>The rate, 0 for no limit. A change revalues what is owed.</summary>
    public long BytesPerSecond
    {
        get => bytesPerSecond;
        set
        {
            var owed = OwedBytes;
            bytesPerSecond = value;
            freeAt = time.GetTimestamp() + TimestampsFor(owed);
        }
    }

    /// <summary>How long to wait before the next piece; zero when it may begin now.</summary>
    public TimeSpan Delay
    {
        get
        {
            var now = time.GetTimestamp();
            return bytesPerSecond == 0 || freeAt <= now ? TimeSpan.Zero : time.GetElapsedTime(now, freeAt);
        }
    }

    private double OwedBytes => Math.Max(0, freeAt - time.GetTimestamp()) / (double)time.TimestampFrequency * bytesPerSecond;

    /// <summary>A piece of <paramref name="bytes"/> begins.</summary>
    public void Charge(long bytes)
    {
        if (bytesPerSecond > 0)
        {
            freeAt = Math.Max(freeAt, time.GetTimestamp()) + TimestampsFor(bytes);
        }
    }

    // A year is as good as for ever, and stays clear of overflow.
    private long TimestampsFor(double bytes) =>
        bytesPerSecond == 0
            ? 0
            : (long)(Math.Min(bytes / bytesPerSecond, TimeSpan.FromDays(365).TotalSeconds) * time.TimestampFrequency);
}
