using Tidemark.Core.Errors;

namespace Tidemark.Jobs;

/// <summary>Why a job did not succeed.</summary>
/// <param name="Status">The errno.</param>
/// <param name="Text">What users read.</param>
public sealed record JobError(IoStatus Status, string Text)
{
    /// <summary>It was cancelled.</summary>
    public static readonly JobError Cancelled = Of(IoStatus.Cancelled);

    /// <summary>An errno with its own words.</summary>
    public static JobError Of(IoStatus status) => new(status, status.Describe());
}
