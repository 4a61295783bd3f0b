using Tidemark.Block.Accounting;
using Tidemark.Block.Graph;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>
/// Counts of a device's requests (BlockDeviceStats); bytes and nanoseconds. Those of a node that is no device are zero but for the
/// highest offset. Intervals and distributions are there where the device was told to measure them.
/// </summary>
[Schema(Name = "BlockDeviceStats")]
internal sealed partial record Statistics(
    [Wire("rd_bytes")] long ReadBytes = 0,
    [Wire("wr_bytes")] long WrittenBytes = 0,
    [Wire("unmap_bytes")] long UnmappedBytes = 0,
    [Wire("rd_operations")] long Reads = 0,
    [Wire("wr_operations")] long Writes = 0,
    [Wire("flush_operations")] long Flushes = 0,
    [Wire("unmap_operations")] long Unmaps = 0,
    [Wire("rd_total_time_ns")] long ReadTimeNs = 0,
    [Wire("wr_total_time_ns")] long WriteTimeNs = 0,
    [Wire("flush_total_time_ns")] long FlushTimeNs = 0,
    [Wire("unmap_total_time_ns")] long UnmapTimeNs = 0,
    [Wire("wr_highest_offset")] long HighestWrittenOffset = 0,
    [Wire("idle_time_ns")] long? IdleTimeNs = null,
    [Wire("rd_merged")] long MergedReads = 0,
    [Wire("wr_merged")] long MergedWrites = 0,
    [Wire("unmap_merged")] long MergedUnmaps = 0,
    [Wire("failed_rd_operations")] long FailedReads = 0,
    [Wire("failed_wr_operations")] long FailedWrites = 0,
    [Wire("failed_flush_operations")] long FailedFlushes = 0,
    [Wire("failed_unmap_operations")] long FailedUnmaps = 0,
    [Wire("invalid_rd_operations")] long InvalidReads = 0,
    [Wire("invalid_wr_operations")] long InvalidWrites = 0,
    [Wire("invalid_flush_operations")] long InvalidFlushes = 0,
    [Wire("invalid_unmap_operations")] long InvalidUnmaps = 0,
    [Wire("account_invalid")] bool CountsInvalid = false,
    [Wire("account_failed")] bool CountsFailed = false,
    [Wire("timed_stats")] IReadOnlyList<IntervalInfo>? TimedStatistics = null,
    [Wire("rd_latency_histogram")] HistogramInfo? ReadHistogram = null,
    [Wire("wr_latency_histogram")] HistogramInfo? WriteHistogram = null,
    [Wire("flush_latency_histogram")] HistogramInfo? FlushHistogram = null
)
{
    /// <summary>A node's own: how far it was written.</summary>
    public static Statistics Of(BlockNode node) => new(HighestWrittenOffset: node.HighestWrittenOffset, TimedStatistics: []);

    /// <summary>A device's: what all of its users asked of the node, which a drive without a medium has not.</summary>
    public static Statistics Of(BlockNode? node, IReadOnlyList<BlockAccounting> users)
    {
        var (reads, writes) = (Sum(users, AccountedOperation.Read), Sum(users, AccountedOperation.Write));
        var (flushes, unmaps) = (Sum(users, AccountedOperation.Flush), Sum(users, AccountedOperation.Unmap));
        return new(
            ReadBytes: reads.Bytes,
            WrittenBytes: writes.Bytes,
            UnmappedBytes: unmaps.Bytes,
            Reads: reads.Operations,
            Writes: writes.Operations,
            Flushes: flushes.Operations,
            Unmaps: unmaps.Operations,
            ReadTimeNs: reads.TotalTimeNs,
            WriteTimeNs: writes.TotalTimeNs,
            FlushTimeNs: flushes.TotalTimeNs,
            UnmapTimeNs: unmaps.TotalTimeNs,
            HighestWrittenOffset: node?.HighestWrittenOffset ?? 0,
            IdleTimeNs: users.Min(static user => user.IdleTimeNs),
            MergedReads: reads.Merged,
            MergedWrites: writes.Merged,
            MergedUnmaps: unmaps.Merged,
            FailedReads: reads.Failed,
            FailedWrites: writes.Failed,
            FailedFlushes: flushes.Failed,
            FailedUnmaps: unmaps.Failed,
            InvalidReads: reads.Invalid,
            InvalidWrites: writes.Invalid,
            InvalidFlushes: flushes.Invalid,
            InvalidUnmaps: unmaps.Invalid,
            CountsInvalid: users.All(static user => user.CountsInvalid),
            CountsFailed: users.All(static user => user.CountsFailed),
            TimedStatistics: [.. users.SelectMany(static user => user.Intervals).Select(IntervalInfo.Of)],
            ReadHistogram: HistogramInfo.Of(users, AccountedOperation.Read),
            WriteHistogram: HistogramInfo.Of(users, AccountedOperation.Write),
            FlushHistogram: HistogramInfo.Of(users, AccountedOperation.Flush)
        );
    }

    private static OperationCounts Sum(IReadOnlyList<BlockAccounting> users, AccountedOperation operation) =>
        users.Aggregate(default(OperationCounts), (sum, user) => sum + user.Of(operation));
}
