namespace Tidemark.Jobs;

/// <summary>A job as query-jobs shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">Its kind: "backup", "create", …</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="CurrentProgress">What is done.</param>
/// <param name="TotalProgress">What there is to do.</param>
/// <param name="Error">Why it did not succeed, once it has concluded; else null.</param>
public sealed record JobInfo(string Id, string Type, JobStatus Status, long CurrentProgress, long TotalProgress, string? Error);
