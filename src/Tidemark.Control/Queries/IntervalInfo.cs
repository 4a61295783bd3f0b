using Tidemark.Block.Accounting;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>What was measured over the last interval (BlockDeviceTimedStats); its length in seconds, latencies in nanoseconds.</summary>
[Schema(Name = "BlockDeviceTimedStats")]
internal sealed partial record IntervalInfo(
    [Wire("interval_length")] long IntervalLength,
    [Wire("min_rd_latency_ns")] long LeastReadNs,
    [Wire("max_rd_latency_ns")] long MostReadNs,
    [Wire("avg_rd_latency_ns")] long AverageReadNs,
    [Wire("min_wr_latency_ns")] long LeastWriteNs,
    [Wire("max_wr_latency_ns")] long MostWriteNs,
    [Wire("avg_wr_latency_ns")] long AverageWriteNs,
    [Wire("min_flush_latency_ns")] long LeastFlushNs,
    [Wire("max_flush_latency_ns")] long MostFlushNs,
    [Wire("avg_flush_latency_ns")] long AverageFlushNs,
    [Wire("avg_rd_queue_depth")] double ReadDepth,
    [Wire("avg_wr_queue_depth")] double WriteDepth
)
{
    /// <summary>Describes an interval of a user.</summary>
    public static IntervalInfo Of(TimedStatistics interval)
    {
        var (reads, writes) = (interval.Of(AccountedOperation.Read), interval.Of(AccountedOperation.Write));
        var flushes = interval.Of(AccountedOperation.Flush);
        return new(
            interval.IntervalSeconds,
            reads.LeastNs,
            reads.MostNs,
            reads.AverageNs,
            writes.LeastNs,
            writes.MostNs,
            writes.AverageNs,
            flushes.LeastNs,
            flushes.MostNs,
            flushes.AverageNs,
            reads.QueueDepth,
            writes.QueueDepth
        );
    }
}
