using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Device;

/// <summary>
/// x-tidemark-guest-request: sends a request to a device in the place of the guest that there is not, so that its error policies, bounds and
/// counts are at work. X_TIDEMARK_GUEST_REQUEST_COMPLETED tells of its end. The reference, whose guests do that, has no such command.
/// </summary>
internal sealed partial class GuestRequestCommand(GuestlessMachine machine)
    : QmpCommand<GuestRequestCommand.Arguments>("x-tidemark-guest-request", Arguments.Codec)
{
    private const int LengthMax = 16 * 1024 * 1024;

    /// <summary>What it takes: a device's id or path, a range in bytes, the byte to write, and a tag for the event.</summary>
    [Schema]
    internal sealed partial record Arguments(
        string Id,
        GuestOperation Operation,
        long? Offset = null,
        long? Length = null,
        byte? Pattern = null,
        string? Tag = null
    );

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var drive = machine.Devices.RequireDriveOf(arguments.Id);
        var (offset, length) = (arguments.Offset ?? 0, arguments.Length ?? 0);
        if (offset < 0)
        {
            throw new QmpException("Parameter 'offset' expects an offset within the device");
        }
        if (arguments.Operation == GuestOperation.Flush ? length != 0 : length is <= 0 or > LengthMax)
        {
            throw new QmpException(
                arguments.Operation == GuestOperation.Flush
                    ? "A flush has no length"
                    : $"Parameter 'length' expects a length between 1 and {LengthMax}"
            );
        }
        if (offset > long.MaxValue - length)
        {
            throw new QmpException("Parameter 'offset' expects an offset within the device");
        }
        if (!machine.IsRunning)
        {
            throw new QmpException("The machine does not run");
        }
        if (machine.Requests.AreTooMany)
        {
            throw new QmpException($"There are {GuestRequests.AtMost} requests under way already");
        }
        machine.Requests.Send(drive, new(arguments.Tag, arguments.Operation, offset, (int)length, arguments.Pattern ?? 0));
        return default;
    }
}
