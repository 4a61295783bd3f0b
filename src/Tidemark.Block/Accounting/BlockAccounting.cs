using Tidemark.Core.Errors;

namespace Tidemark.Block.Accounting;

/// <summary>
/// Counts the requests of one user of a node as a guest's device counts them: how many, how long, how much, what failed. Who
/// serves requests calls it once for each, with the time at which the request began: counting costs a few additions and one
/// look at the clock, whose answer is the next request's beginning when requests come in a batch (<see cref="LastAccess"/>).
/// Belongs to the graph's loop. Distributions and intervals are filled only
/// where somebody has asked for them.
/// </summary>
public sealed class BlockAccounting(TimeProvider time)
{
    private const int Kinds = 4;

    private readonly Tally[] tallies = new Tally[Kinds];
    private LatencyHistogram?[]? histograms;
    private List<TimedStatistics>? intervals;

    /// <summary>Whether a refused request counts as one for how long there was none.</summary>
    public bool CountsInvalid { get; set; } = true;

    /// <summary>Whether a failed request counts as one for how long there was none, and for how long requests take.</summary>
    public bool CountsFailed { get; set; } = true;

    /// <summary>Now, on the clock that requests are measured by.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>When the last request ended, on the same clock; 0 if there was none.</summary>
    public long LastAccess { get; private set; }

    /// <summary>Nanoseconds since the last request ended, or null if there was none.</summary>
    public long? IdleTimeNs => LastAccess == 0 ? null : ToNanoseconds(Now - LastAccess);

    /// <summary>Counts a request that has ended.</summary>
    /// <param name="operation">Its kind.</param>
    /// <param name="bytes">Its length, counted only if it succeeded.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="begin">When it began, by <see cref="Now"/>.</param>
    public void Finish(AccountedOperation operation, long bytes, IoStatus status, long begin)
    {
        var now = time.GetTimestamp();
        ref var tally = ref tallies[(int)operation];
        if (status == IoStatus.Ok)
        {
            tally.Operations++;
            tally.Bytes += bytes;
        }
        else
        {
            tally.Failed++;
            if (!CountsFailed)
            {
                return;
            }
        }
        tally.Time += now - begin;
        LastAccess = now;
        if (histograms is not null || intervals is not null)
        {
            CountLatency(operation, now - begin);
        }
    }

    /// <summary>The latencies of one kind by their length, or null where nobody asked for them.</summary>
    public LatencyHistogram? HistogramOf(AccountedOperation operation) => histograms?[(int)operation];

    /// <summary>
    /// Counts the latencies of one kind from now on, beginning at nothing; null stops that. What was counted before is forgotten.
    /// </summary>
    public void SetHistogram(AccountedOperation operation, LatencyHistogram? histogram)
    {
        histograms ??= new LatencyHistogram?[Kinds];
        histograms[(int)operation] = histogram;
        if (Array.TrueForAll(histograms, static one => one is null))
        {
            histograms = null;
        }
    }

    /// <summary>What is measured by intervals.</summary>
    public IReadOnlyList<TimedStatistics> Intervals => (IReadOnlyList<TimedStatistics>?)intervals ?? [];

    /// <summary>Measures latencies over intervals of so many seconds, above 0, too.</summary>
    public void AddInterval(int seconds)
    {
        Invariant.That(seconds > 0, "an interval has a length");
        (intervals ??= []).Add(new TimedStatistics(time, seconds));
    }

    private void CountLatency(AccountedOperation operation, long ticks)
    {
        histograms?[(int)operation]?.Add(ToNanoseconds(ticks));
        foreach (var interval in intervals ?? [])
        {
            interval.Add(operation, ticks);
        }
    }

    /// <summary>Counts a request that was refused before the node saw it: it was out of range, or not allowed.</summary>
    public void Refuse(AccountedOperation operation)
    {
        tallies[(int)operation].Invalid++;
        LastAccess = CountsInvalid ? time.GetTimestamp() : LastAccess;
    }

    /// <summary>What was counted of one kind.</summary>
    public OperationCounts Of(AccountedOperation operation)
    {
        ref readonly var tally = ref tallies[(int)operation];
        // No request of ours is ever merged with another: each is served by itself, as it comes.
        return new(tally.Bytes, tally.Operations, tally.Failed, tally.Invalid, Merged: 0, ToNanoseconds(tally.Time));
    }

    private long ToNanoseconds(long ticks) => (long)time.GetElapsedTime(0, ticks).TotalNanoseconds;

    private struct Tally
    {
        public long Operations;
        public long Bytes;
        public long Failed;
        public long Invalid;
        public long Time;
    }
}
