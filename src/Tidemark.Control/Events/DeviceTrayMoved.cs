using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Events;

/// <summary>DEVICE_TRAY_MOVED: a tray has opened or closed.</summary>
internal static partial class DeviceTrayMoved
{
    /// <summary>What it carries: the drive's name, the device's id or path, and how the tray is now.</summary>
    [Schema]
    internal sealed partial record Data(string Device, string Id, bool TrayOpen);

    public static QmpEventDefinition Definition { get; } = new("DEVICE_TRAY_MOVED", Data.Codec);

    public static void Publish(QmpEventHub hub, string drive, string id, bool isOpen) =>
        hub.Publish(Definition.Name, (JsonObject)Data.Codec.Write(new Data(drive, id, isOpen)));
}
