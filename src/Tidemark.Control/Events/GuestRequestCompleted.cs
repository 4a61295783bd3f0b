using Tidemark.Control.Devices;
using Tidemark.Control.Machine;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Events;

/// <summary>X_TIDEMARK_GUEST_REQUEST_COMPLETED: a request that was sent for the guest that there is not has ended. The reference has none such.</summary>
internal static partial class GuestRequestCompleted
{
    /// <summary>What it carries: the request, and why it failed if it did.</summary>
    [Schema]
    internal sealed partial record Data(string Id, GuestOperation Operation, string? Tag = null, string? Error = null);

    public static QmpEventDefinition Definition { get; } = new("X_TIDEMARK_GUEST_REQUEST_COMPLETED", Data.Codec);

    public static void Publish(QmpEventHub hub, GuestDrive drive, GuestRequest request, IoStatus status)
    {
        var id = drive.Device?.BlockId ?? drive.Name;
        var error = status == IoStatus.Ok ? null : status.Describe();
        hub.Publish(Definition.Name, (JsonObject)Data.Codec.Write(new(id, request.Operation, request.Tag, error)));
    }
}
