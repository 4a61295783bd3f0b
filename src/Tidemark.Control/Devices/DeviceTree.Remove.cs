using Tidemark.Control.Events;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Devices;

// Going: some devices at once, others when the guest lets them, which one that runs does.
public sealed partial class DeviceTree
{
    /// <summary>Asks a device to go. Throws <see cref="QmpException"/> where it can't.</summary>
    internal void BeginRemoval(string idOrPath)
    {
        var device = Find(idOrPath) ?? throw NotFound(idOrPath);
        if (device.Bus is not { AllowsHotplug: true } bus)
        {
            throw new QmpException(
                device.Bus is null
                    ? $"Device '{idOrPath}' does not support hotplugging"
                    : $"Bus '{device.Bus.Name}' does not support hotplugging"
            );
        }
        if (device.IsLeaving)
        {
            throw new QmpException($"Device {idOrPath} is already in the process of unplug");
        }
        device.IsLeaving = true;
        if (!device.Model.AsksGuestToLeave || machine.IsRunning)
        {
            // Behind the reply to the command.
            Graph.Loop.Enqueue(_ => LoopContext.Launch(() => RemoveAsync(device)), null);
        }
    }

    /// <summary>The machine runs: what was asked to go goes.</summary>
    internal void LetGo()
    {
        foreach (var device in devices.Where(static d => d.IsLeaving).ToList())
        {
            LoopContext.Launch(() => RemoveAsync(device));
        }
    }

    private async Task RemoveAsync(GuestDevice device)
    {
        if (!devices.Remove(device))
        {
            return;
        }
        foreach (var child in device.Buses.SelectMany(static bus => bus.Devices).ToList())
        {
            await RemoveAsync(child);
        }
        _ = device.Bus?.Devices.Remove(device);
        if (device.Drive is { } drive)
        {
            machine.Requests.Forget(drive);
            await RemoveDriveAsync(drive);
        }
        if (device.Model.BackendName is not null)
        {
            DeviceDeleted.Publish(machine.Context.Events, id: null, device.BackendPath);
        }
        DeviceDeleted.Publish(machine.Context.Events, device.Id, device.Path);
    }
}
