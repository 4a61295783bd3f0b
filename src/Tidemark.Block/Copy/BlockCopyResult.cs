using Tidemark.Core.Errors;

namespace Tidemark.Block.Copy;

/// <summary>How a background run ended.</summary>
/// <param name="Outcome">Why it came back.</param>
/// <param name="Status">The first error, when it failed or was broken.</param>
/// <param name="IsRead">Whether that was an error of the source.</param>
public readonly record struct BlockCopyResult(BlockCopyOutcome Outcome, IoStatus Status = IoStatus.Ok, bool IsRead = false);
