using Tidemark.Core.Errors;

namespace Tidemark.Block.Copy;

/// <summary>Whether old data was saved.</summary>
/// <param name="Status">Ok, or why not.</param>
/// <param name="IsRead">Whether the source failed, not the target.</param>
public readonly record struct SaveResult(IoStatus Status, bool IsRead = false);
