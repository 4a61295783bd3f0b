namespace Tidemark.Block.Accounting;

/// <summary>What was counted of one kind of request.</summary>
/// <param name="Bytes">Bytes of those that succeeded.</param>
/// <param name="Operations">Those that succeeded.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="Invalid">Those that were refused before the node saw them.</param>
/// <param name="Merged">Those that went along with another one.</param>
/// <param name="TotalTimeNs">Time that all of them, failed ones included, took, nanoseconds.</param>
public readonly record struct OperationCounts(
    long Bytes,
    long Operations,
    long Failed,
    long Invalid,
    long Merged,
    long TotalTimeNs
)
{
    /// <summary>Both together: a device that has several users.</summary>
    public static OperationCounts operator +(OperationCounts left, OperationCounts right) =>
        new(
            left.Bytes + right.Bytes,
            left.Operations + right.Operations,
            left.Failed + right.Failed,
            left.Invalid + right.Invalid,
            left.Merged + right.Merged,
            left.TotalTimeNs + right.TotalTimeNs
        );
}
