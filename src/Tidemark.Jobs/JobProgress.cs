namespace Tidemark.Jobs;

/// <summary>How far a job is, in its own unit: bytes for those that copy.</summary>
/// <param name="Current">What is done.</param>
/// <param name="Total">What there is to do; may change under way.</param>
public readonly record struct JobProgress(long Current, long Total);
