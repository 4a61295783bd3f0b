using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Device;

/// <summary>blockdev-remove-medium: takes a device's medium out; its tray must be open.</summary>
internal sealed partial class BlockdevRemoveMedium(GuestlessMachine machine)
    : QmpCommand<BlockdevRemoveMedium.Arguments>("blockdev-remove-medium", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string Id);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) =>
        machine.Media.RemoveAsync(machine.Devices.RequireDriveOf(arguments.Id), arguments.Id);
}
