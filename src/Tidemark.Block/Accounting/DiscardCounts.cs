namespace Tidemark.Block.Accounting;

/// <summary>What a driver that reaches storage counts of the discards it passed on.</summary>
/// <param name="Succeeded">Discards that were done.</param>
/// <param name="Failed">Discards that failed.</param>
/// <param name="Bytes">Bytes of those that were done.</param>
public readonly record struct DiscardCounts(long Succeeded, long Failed, long Bytes);
