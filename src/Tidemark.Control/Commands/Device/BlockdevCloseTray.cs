using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Device;

/// <summary>blockdev-close-tray: closes a device's tray.</summary>
internal sealed partial class BlockdevCloseTray(GuestlessMachine machine)
    : QmpCommand<BlockdevCloseTray.Arguments>("blockdev-close-tray", Arguments.Codec)
{
    /// <summary>What it takes: a drive's name or a device's id.</summary>
    [Schema]
    internal sealed partial record Arguments(string? Device = null, string? Id = null);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var drive = machine.Devices.RequireDrive(arguments.Device, arguments.Id);
        machine.Media.CloseTray(drive, arguments.Device ?? arguments.Id ?? "");
        return default;
    }
}
