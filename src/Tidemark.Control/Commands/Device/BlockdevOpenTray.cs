using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Device;

/// <summary>blockdev-open-tray: opens a device's tray; one that has none is none the worse for it.</summary>
internal sealed partial class BlockdevOpenTray(GuestlessMachine machine)
    : QmpCommand<BlockdevOpenTray.Arguments>("blockdev-open-tray", Arguments.Codec)
{
    /// <summary>What it takes: a drive's name or a device's id; no guest ever locks a tray, so that force changes nothing.</summary>
    [Schema]
    internal sealed partial record Arguments(string? Device = null, string? Id = null, bool? Force = null);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var drive = machine.Devices.RequireDrive(arguments.Device, arguments.Id);
        machine.Media.OpenTray(drive, arguments.Device ?? arguments.Id ?? "");
        return default;
    }
}
