using Tidemark.Control.Devices;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>A device as query-block shows it (BlockInfo): a drive of the machine, or in a daemon an exported node.</summary>
[Schema(Name = "BlockInfo")]
internal sealed partial record DeviceInfo(
    string Device,
    string Type,
    bool Removable,
    bool Locked,
    NodeInfo? Inserted = null,
    string? Qdev = null,
    [Wire("tray_open")] bool? TrayOpen = null,
    DeviceStatus? IoStatus = null,
    IReadOnlyList<DirtyBitmapInfo>? DirtyBitmaps = null
)
{
    /// <summary>Describes a device.</summary>
    public static DeviceInfo Of(ExportedDevice device)
    {
        var drive = device.Drive;
        var inserted = device.Node is { } node ? NodeInfo.Of(node, deep: true) : null;
        if (drive is { Backend.WritesThrough: true } && inserted is not null)
        {
            inserted = inserted with { Cache = inserted.Cache with { Writeback = false } };
        }
        return new(
            device.Name,
            "unknown",
            drive?.IsRemovable ?? false,
            Locked: false,
            drive?.Throttle is { } throttle ? inserted?.BoundedBy(throttle.Group) : inserted,
            drive?.Device?.BlockId,
            drive is { HasTray: true, Device: { } tray } ? tray.IsTrayOpen : null,
            drive?.Device is { TellsStatus: true } ? StatusOf(drive) : null,
            device.Node is { } medium ? DirtyBitmapInfo.List(medium.Bitmaps, withStatus: true) : null
        );
    }

    private static DeviceStatus StatusOf(GuestDrive drive) =>
        drive.Failure switch
        {
            Core.Errors.IoStatus.Ok => DeviceStatus.Ok,
            Core.Errors.IoStatus.NoSpace => DeviceStatus.Nospace,
            _ => DeviceStatus.Failed,
        };
}

/// <summary>Whether a device's error has stopped the machine (BlockDeviceIoStatus).</summary>
[Schema(Name = "BlockDeviceIoStatus")]
internal enum DeviceStatus
{
    Ok,
    Failed,
    Nospace,
}
