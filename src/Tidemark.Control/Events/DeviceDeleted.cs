using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Events;

/// <summary>DEVICE_DELETED: a device has gone; its id may be used again.</summary>
internal static partial class DeviceDeleted
{
    /// <summary>What it carries: the device's id, if it had one, and where it was.</summary>
    [Schema]
    internal sealed partial record Data(string Path, string? Device = null);

    public static QmpEventDefinition Definition { get; } = new("DEVICE_DELETED", Data.Codec);

    public static void Publish(QmpEventHub hub, string? id, string path) =>
        hub.Publish(Definition.Name, (JsonObject)Data.Codec.Write(new Data(path, id)));
}
