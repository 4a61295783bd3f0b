using Tidemark.Control.Commands.Job;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Jobs;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Events;

/// <summary>The events of jobs (contract J6), handed on in the order in which the jobs tell of them.</summary>
internal sealed partial class JobEvents(QmpEventHub hub) : IJobObserver
{
    /// <summary>JOB_STATUS_CHANGE.</summary>
    [Schema]
    internal sealed partial record StatusChange(string Id, JobStatus Status);

    /// <summary>BLOCK_JOB_PENDING.</summary>
    [Schema]
    internal sealed partial record Pending(JobKind Type, string Id);

    /// <summary>BLOCK_JOB_READY and BLOCK_JOB_CANCELLED; lengths in bytes.</summary>
    [Schema]
    internal sealed partial record Progress(JobKind Type, string Device, long Len, long Offset, long Speed);

    /// <summary>BLOCK_JOB_COMPLETED; with the error if it failed.</summary>
    [Schema]
    internal sealed partial record Completed(
        JobKind Type,
        string Device,
        long Len,
        long Offset,
        long Speed,
        string? Error = null
    );

    /// <summary>BLOCK_JOB_ERROR.</summary>
    [Schema]
    internal sealed partial record Failed(string Device, IoOperation Operation, JobErrorAction Action);

    /// <summary>All of them, for the schema.</summary>
    public static IReadOnlyList<QmpEventDefinition> Definitions { get; } =
    [
        new("BLOCK_JOB_COMPLETED", Completed.Codec),
        new("BLOCK_JOB_CANCELLED", Progress.Codec),
        new("BLOCK_JOB_ERROR", Failed.Codec),
        new("BLOCK_JOB_READY", Progress.Codec),
        new("BLOCK_JOB_PENDING", Pending.Codec),
        new("JOB_STATUS_CHANGE", StatusChange.Codec),
    ];

    /// <inheritdoc/>
    public void OnJobEvent(JobEvent happened) => hub.Publish(happened.Name, (JsonObject)DataOf(happened));

    private static JsonValue DataOf(JobEvent happened) =>
        happened switch
        {
            JobEvent.StatusChange e => StatusChange.Codec.Write(new(e.Id, e.Status)),
            JobEvent.Pending e => Pending.Codec.Write(new(JobKinds.Of(e.Type), e.Id)),
            JobEvent.Ready e => Progress.Codec.Write(new(JobKinds.Of(e.Type), e.Id, e.Length, e.Offset, e.Speed)),
            JobEvent.Cancelled e => Progress.Codec.Write(new(JobKinds.Of(e.Type), e.Id, e.Length, e.Offset, e.Speed)),
            JobEvent.Completed e => Completed.Codec.Write(new(JobKinds.Of(e.Type), e.Id, e.Length, e.Offset, e.Speed, e.Error)),
            JobEvent.Failed e => Failed.Codec.Write(new(e.Id, e.IsRead ? IoOperation.Read : IoOperation.Write, e.Action)),
            _ => throw Invariant.Unreachable("every event of jobs has its data"),
        };
}
