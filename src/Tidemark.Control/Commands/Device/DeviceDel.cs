using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Device;

/// <summary>
/// device_del: asks a device to go; DEVICE_DELETED tells when it has. One on PCI goes as soon as the machine runs, as with a guest
/// that lets it go at once.
/// </summary>
internal sealed partial class DeviceDel(GuestlessMachine machine) : QmpCommand<DeviceDel.Arguments>("device_del", Arguments.Codec)
{
    /// <summary>What it takes: the device's id, or the path to it.</summary>
    [Schema]
    internal sealed partial record Arguments(string Id);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        machine.Devices.BeginRemoval(arguments.Id);
        return default;
    }
}
