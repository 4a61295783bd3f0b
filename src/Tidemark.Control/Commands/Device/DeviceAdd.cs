using Tidemark.Control.Machine;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Device;

/// <summary>device_add: a device comes while the machine is there.</summary>
internal sealed class DeviceAdd(GuestlessMachine machine) : QmpCommand<JsonObject>("device_add", new DeviceOptionsCodec())
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Features => ["json-cli", "json-cli-hotplug"];

    /// <inheritdoc/>
    protected override async ValueTask RunAsync(JsonObject arguments) =>
        _ = await machine.Devices.AddAsync(DeviceOptionsCodec.AsTexts(arguments), SchemaMode.Keyval, isHotplugged: true);
}
