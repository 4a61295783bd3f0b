using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Device;

/// <summary>eject: opens the tray, if there is one, and takes the medium out.</summary>
internal sealed partial class Eject(GuestlessMachine machine) : QmpCommand<Eject.Arguments>("eject", Arguments.Codec)
{
    /// <summary>What it takes: a drive's name or a device's id; no guest ever locks a tray, so that force changes nothing.</summary>
    [Schema]
    internal sealed partial record Arguments(string? Device = null, string? Id = null, bool? Force = null);

    /// <inheritdoc/>
    protected override async ValueTask RunAsync(Arguments arguments)
    {
        var drive = machine.Devices.RequireDrive(arguments.Device, arguments.Id);
        machine.Media.OpenTray(drive, arguments.Device ?? arguments.Id ?? "");
        await machine.Media.RemoveAsync(drive, arguments.Device ?? arguments.Id ?? "");
    }
}
