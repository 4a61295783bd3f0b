using Tidemark.Block.Accounting;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>How many requests took how long (BlockLatencyHistogramInfo); boundaries in nanoseconds, one bin more than there are of them.</summary>
[Schema(Name = "BlockLatencyHistogramInfo")]
internal sealed partial record HistogramInfo(IReadOnlyList<long> Boundaries, IReadOnlyList<long> Bins)
{
    /// <summary>That of the first of a device's users that counts them; null if none does.</summary>
    public static HistogramInfo? Of(IReadOnlyList<BlockAccounting> users, AccountedOperation operation) =>
        users.Select(user => user.HistogramOf(operation)).FirstOrDefault(static one => one is not null) is { } histogram
            ? new(histogram.Boundaries, histogram.Bins)
            : null;
}
