namespace Tidemark.Block.Accounting;

/// <summary>
/// Latencies and queue depths of one user over the last interval. Two windows of that length run half an interval apart; the older
/// one answers, so that an answer covers between a half and the whole of an interval. Belongs to the graph's loop.
/// </summary>
public sealed class TimedStatistics
{
    private const int Kinds = 4;

    private readonly Window[] windows = new Window[2];
    private readonly TimeProvider time;
    private readonly long half;

    internal TimedStatistics(TimeProvider time, int intervalSeconds)
    {
        (this.time, IntervalSeconds) = (time, intervalSeconds);
        half = Math.Max(1, intervalSeconds * time.TimestampFrequency / 2);
        var now = time.GetTimestamp();
        windows[0] = new Window(now);
        windows[1] = new Window(now + half);
    }

    /// <summary>Length of the interval, seconds.</summary>
    public int IntervalSeconds { get; }

    /// <summary>What is known of one kind of request in the interval.</summary>
    public TimedLatency Of(AccountedOperation operation)
    {
        Turn();
        var window = windows[0];
        var (count, sum, least, most) = window.Of(operation);
        var elapsed = Math.Max(1, time.GetTimestamp() - window.Begin);
        return count == 0
            ? default
            : new(
                ToNanoseconds(least),
                ToNanoseconds(most),
                ToNanoseconds(sum / count),
                // As many requests were under way, on average, as their times fill the interval over and over.
                sum / (double)elapsed
            );
    }

    internal void Add(AccountedOperation operation, long ticks)
    {
        Turn();
        windows[0].Add(operation, ticks);
        // The younger one begins half an interval later.
        if (time.GetTimestamp() >= windows[1].Begin)
        {
            windows[1].Add(operation, ticks);
        }
    }

    private void Turn()
    {
        var now = time.GetTimestamp();
        if (now - windows[0].Begin < 2 * half)
        {
            return;
        }
        var begin = windows[1].Begin;
        if (now - begin < 2 * half)
        {
            (windows[0], windows[1]) = (windows[1], new Window(begin + half));
            return;
        }
        // Nothing for longer than an interval.
        begin = now - (now - begin) % half;
        windows[0] = new Window(begin);
        windows[1] = new Window(begin + half);
    }

    private long ToNanoseconds(long ticks) => (long)time.GetElapsedTime(0, ticks).TotalNanoseconds;

    private sealed class Window(long begin)
    {
        private readonly (long Count, long Sum, long Least, long Most)[] kinds = new (long, long, long, long)[Kinds];

        public long Begin => begin;

        public (long Count, long Sum, long Least, long Most) Of(AccountedOperation operation) => kinds[(int)operation];

        public void Add(AccountedOperation operation, long ticks)
        {
            ref var kind = ref kinds[(int)operation];
            kind = (
                kind.Count + 1,
                kind.Sum + ticks,
                kind.Count == 0 ? ticks : Math.Min(kind.Least, ticks),
                Math.Max(kind.Most, ticks)
            );
        }
    }
}
