namespace Tidemark.Jobs;

/// <summary>Something that happened to a job, as QMP tells it: the name of the event and its data. Made in the reference's order.</summary>
/// <param name="Name">QMP's name of the event.</param>
/// <param name="Id">The job; "id" of JOB_STATUS_CHANGE and BLOCK_JOB_PENDING, "device" of the others.</param>
public abstract record JobEvent(string Name, string Id)
{
    /// <summary>JOB_STATUS_CHANGE: status, id.</summary>
    public sealed record StatusChange(string Id, JobStatus Status) : JobEvent("JOB_STATUS_CHANGE", Id);

    /// <summary>BLOCK_JOB_PENDING, only of jobs without auto-finalize: type, id.</summary>
    public sealed record Pending(string Id, string Type) : JobEvent("BLOCK_JOB_PENDING", Id);

    /// <summary>BLOCK_JOB_READY: type, device, len, offset, speed.</summary>
    public sealed record Ready(string Id, string Type, long Length, long Offset, long Speed) : JobEvent("BLOCK_JOB_READY", Id);

    /// <summary>BLOCK_JOB_COMPLETED: type, device, len, offset, speed, and error if it failed.</summary>
    public sealed record Completed(string Id, string Type, long Length, long Offset, long Speed, string? Error)
        : JobEvent("BLOCK_JOB_COMPLETED", Id);

    /// <summary>BLOCK_JOB_CANCELLED: type, device, len, offset, speed.</summary>
    public sealed record Cancelled(string Id, string Type, long Length, long Offset, long Speed)
        : JobEvent("BLOCK_JOB_CANCELLED", Id);

    /// <summary>BLOCK_JOB_ERROR: device, operation ("read" or "write"), action.</summary>
    public sealed record Failed(string Id, bool IsRead, JobErrorAction Action) : JobEvent("BLOCK_JOB_ERROR", Id);
}
