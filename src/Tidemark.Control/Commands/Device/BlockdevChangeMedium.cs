using Tidemark.Control.Devices;
using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Device;

/// <summary>blockdev-change-medium: an image takes the place of a device's medium, tray out and tray in.</summary>
internal sealed partial class BlockdevChangeMedium(GuestlessMachine machine)
    : QmpCommand<BlockdevChangeMedium.Arguments>("blockdev-change-medium", Arguments.Codec)
{
    /// <summary>What it takes: a drive's name or a device's id, and the image; no guest ever locks a tray.</summary>
    [Schema]
    internal sealed partial record Arguments(
        string Filename,
        string? Device = null,
        string? Id = null,
        string? Format = null,
        bool? Force = null,
        MediumReadOnlyMode? ReadOnlyMode = null
    );

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var drive = machine.Devices.RequireDrive(arguments.Device, arguments.Id);
        return machine.Media.ChangeAsync(
            drive,
            arguments.Device ?? arguments.Id ?? "",
            arguments.Filename,
            arguments.Format,
            arguments.ReadOnlyMode ?? MediumReadOnlyMode.Retain
        );
    }
}
