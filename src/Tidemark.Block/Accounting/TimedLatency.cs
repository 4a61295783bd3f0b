namespace Tidemark.Block.Accounting;

/// <summary>Latencies of one kind of request in an interval; all zero when there was none.</summary>
/// <param name="LeastNs">The shortest, nanoseconds.</param>
/// <param name="MostNs">The longest, nanoseconds.</param>
/// <param name="AverageNs">The mean, nanoseconds.</param>
/// <param name="QueueDepth">Requests under way on average.</param>
public readonly record struct TimedLatency(long LeastNs, long MostNs, long AverageNs, double QueueDepth);
