using Tidemark.Control.Machine;
using Tidemark.Control.Objects;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Device;

/// <summary>block_set_io_throttle: bounds a drive's requests, alone or as one of a group; all zero lifts the bounds.</summary>
internal sealed partial class BlockSetIoThrottle(GuestlessMachine machine)
    : QmpCommand<BlockSetIoThrottle.Arguments>("block_set_io_throttle", Arguments.Codec)
{
    /// <summary>What it takes: a drive's name or a device's id; requests and bytes a second, seconds.</summary>
    [Schema(Name = "BlockIOThrottle")]
    internal sealed partial record Arguments(
        long Bps,
        [Wire("bps_rd")] long BpsRead,
        [Wire("bps_wr")] long BpsWrite,
        long Iops,
        [Wire("iops_rd")] long IopsRead,
        [Wire("iops_wr")] long IopsWrite,
        string? Device = null,
        string? Id = null,
        [Wire("bps_max")] long? BpsMax = null,
        [Wire("bps_rd_max")] long? BpsReadMax = null,
        [Wire("bps_wr_max")] long? BpsWriteMax = null,
        [Wire("iops_max")] long? IopsMax = null,
        [Wire("iops_rd_max")] long? IopsReadMax = null,
        [Wire("iops_wr_max")] long? IopsWriteMax = null,
        [Wire("bps_max_length")] long? BpsMaxLength = null,
        [Wire("bps_rd_max_length")] long? BpsReadMaxLength = null,
        [Wire("bps_wr_max_length")] long? BpsWriteMaxLength = null,
        [Wire("iops_max_length")] long? IopsMaxLength = null,
        [Wire("iops_rd_max_length")] long? IopsReadMaxLength = null,
        [Wire("iops_wr_max_length")] long? IopsWriteMaxLength = null,
        [Wire("iops_size")] long? IopsSize = null,
        string? Group = null
    );

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var drive = machine.Devices.RequireDrive(arguments.Device, arguments.Id);
        if (!drive.Backend.HasMedium)
        {
            throw new QmpException("Device has no medium");
        }
        machine.Devices.SetThrottle(drive, LimitsOf(arguments).ToSettings(), arguments.Group);
        return default;
    }

    private static ThrottleLimits LimitsOf(Arguments arguments) =>
        new()
        {
            BpsTotal = arguments.Bps,
            BpsRead = arguments.BpsRead,
            BpsWrite = arguments.BpsWrite,
            IopsTotal = arguments.Iops,
            IopsRead = arguments.IopsRead,
            IopsWrite = arguments.IopsWrite,
            BpsTotalMax = arguments.BpsMax,
            BpsReadMax = arguments.BpsReadMax,
            BpsWriteMax = arguments.BpsWriteMax,
            IopsTotalMax = arguments.IopsMax,
            IopsReadMax = arguments.IopsReadMax,
            IopsWriteMax = arguments.IopsWriteMax,
            BpsTotalMaxLength = arguments.BpsMaxLength,
            BpsReadMaxLength = arguments.BpsReadMaxLength,
            BpsWriteMaxLength = arguments.BpsWriteMaxLength,
            IopsTotalMaxLength = arguments.IopsMaxLength,
            IopsReadMaxLength = arguments.IopsReadMaxLength,
            IopsWriteMaxLength = arguments.IopsWriteMaxLength,
            IopsSize = arguments.IopsSize,
        };
}
