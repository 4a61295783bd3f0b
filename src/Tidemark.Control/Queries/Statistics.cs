using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>Counts of a guest's requests (BlockDeviceStats); bytes and nanoseconds. None of ours has a guest, so all are zero.</summary>
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
    [Wire("timed_stats")] IReadOnlyList<JsonValue>? TimedStatistics = null
);
