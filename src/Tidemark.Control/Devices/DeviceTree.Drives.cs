using Tidemark.Block.Throttling;
using Tidemark.Control.Objects;
using Tidemark.Core.Errors;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Devices;

// The drives: by name, or by the device that uses them.
public sealed partial class DeviceTree
{
    private readonly List<GuestDrive> drives = [];

    // Groups that came into being with the bounds of a drive, and go with the last of those.
    private readonly HashSet<string> ownGroups = new(StringComparer.Ordinal);

    /// <summary>The drives, the oldest first.</summary>
    public IReadOnlyList<GuestDrive> Drives => drives;

    /// <summary>A drive that its user made. Throws <see cref="BlockException"/> for a name that can't be.</summary>
    internal void AddDrive(GuestDrive drive) => drives.Add(drive);

    /// <summary>The drive of that name, or null.</summary>
    public GuestDrive? FindDrive(string name) => drives.Find(drive => drive.Name.Length > 0 && drive.Name == name);

    /// <summary>The drive that a command means, by its name or by its device. Throws <see cref="QmpException"/>.</summary>
    internal GuestDrive RequireDrive(string? name, string? device)
    {
        if (name is null == device is null)
        {
            throw new QmpException("Need exactly one of 'device' and 'id'");
        }
        return name is null ? RequireDriveOf(device ?? "") : FindDrive(name) ?? throw NotFound(name);
    }

    /// <summary>The drive of the device with that id, or at that path. Throws <see cref="QmpException"/>.</summary>
    public GuestDrive RequireDriveOf(string device)
    {
        if (devices.Find(d => d.Model.BackendName is not null && d.BackendPath == device) is { Drive: { } behind })
        {
            return behind;
        }
        var found = Find(device) ?? throw NotFound(device);
        return found is { Drive: { } drive, Model.BackendName: null }
            ? drive
            : throw new QmpException("Device does not have a block device backend");
    }

    /// <summary>
    /// Bounds <paramref name="drive"/>, together with all others of its group: the one named, else the one it is in, else its own.
    /// No bounds at all take it out of its group. Throws <see cref="BlockException"/> for bounds that contradict one another.
    /// </summary>
    internal void SetThrottle(GuestDrive drive, ThrottleSettings settings, string? groupName)
    {
        settings.Check();
        var groups = Graph.ThrottleGroups;
        if (settings.Limits.All(static limit => limit.Average == 0))
        {
            Leave(drive);
            return;
        }
        var name = groupName ?? drive.Throttle?.Group.Name ?? (drive.Name.Length > 0 ? drive.Name : drive.Device?.BlockId ?? "");
        var group = groups.Find(name);
        if (group is null)
        {
            group = groups.Add(name, settings);
            _ = ownGroups.Add(name);
        }
        else if (machine.Context.Objects.Find(name) is ObjectOptions.ThrottleGroup its)
        {
            machine.Context.Objects.Change(its with { Limits = ThrottleLimits.Of(settings) });
        }
        else
        {
            group.Configure(settings);
        }
        if (drive.Throttle?.Group != group)
        {
            Leave(drive);
            drive.JoinThrottleGroup(group);
        }
    }

    /// <summary>Takes a drive away, with whatever is in it.</summary>
    internal async ValueTask RemoveDriveAsync(GuestDrive drive)
    {
        _ = drives.Remove(drive);
        Leave(drive);
        await drive.DisposeAsync();
    }

    /// <summary>Takes all away, when the process ends.</summary>
    internal async ValueTask CloseAsync()
    {
        while (drives.Count > 0)
        {
            await RemoveDriveAsync(drives[0]);
        }
    }

    private void Leave(GuestDrive drive)
    {
        if (drive.Throttle?.Group is not { } group)
        {
            return;
        }
        drive.JoinThrottleGroup(null);
        if (!group.IsInUse && ownGroups.Remove(group.Name))
        {
            Graph.ThrottleGroups.Remove(group.Name);
        }
    }

    private static QmpException NotFound(string name) => new(QmpErrorClass.DeviceNotFound, $"Device '{name}' not found");
}
