using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Device;

/// <summary>blockdev-insert-medium: a node becomes the medium of a device that has none; its tray must be open.</summary>
internal sealed partial class BlockdevInsertMedium(GuestlessMachine machine)
    : QmpCommand<BlockdevInsertMedium.Arguments>("blockdev-insert-medium", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string Id, string NodeName);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        machine.Media.Insert(machine.Devices.RequireDriveOf(arguments.Id), arguments.Id, arguments.NodeName);
        return default;
    }
}
