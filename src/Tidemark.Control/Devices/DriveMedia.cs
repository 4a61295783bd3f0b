using Tidemark.Block.Graph;
using Tidemark.Control.Events;
using Tidemark.Control.Machine;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Devices;

/// <summary>
/// Media going in and out of drives: tray open, medium out, medium in, tray closed. Messages call the drive as the command did. Belongs
/// to the graph's loop.
/// </summary>
internal sealed class DriveMedia(GuestlessMachine machine)
{
    private BlockGraph Graph => machine.Context.Graph;

    /// <summary>Opens the tray, if there is one. Throws <see cref="QmpException"/> where the medium can't come out at all.</summary>
    public void OpenTray(GuestDrive drive, string name)
    {
        RequireRemovable(drive, name);
        Move(drive, isOpen: true);
    }

    /// <summary>Closes it.</summary>
    public void CloseTray(GuestDrive drive, string name)
    {
        RequireRemovable(drive, name);
        Move(drive, isOpen: false);
    }

    /// <summary>Takes the medium out, if there is one. Throws <see cref="QmpException"/>.</summary>
    public async ValueTask RemoveAsync(GuestDrive drive, string name)
    {
        RequireRemovable(drive, name);
        if (drive is { HasTray: true, Device.IsTrayOpen: false })
        {
            throw new QmpException($"Tray of device '{name}' is not open");
        }
        if (!drive.Backend.HasMedium)
        {
            return;
        }
        drive.Backend.Node.RequireUnblocked(BlockOperation.Eject);
        machine.Requests.Forget(drive);
        await drive.RemoveMediumAsync();
    }

    /// <summary>Puts a node in. Throws <see cref="QmpException"/> or <see cref="BlockException"/>.</summary>
    public void Insert(GuestDrive drive, string name, string nodeName)
    {
        var node = Graph.FindNode(nodeName) ?? throw new QmpException($"Node '{nodeName}' not found");
        if (node.HasBackend)
        {
            throw new QmpException($"Node '{nodeName}' is already in use");
        }
        Insert(drive, name, node);
    }

    /// <summary>
    /// Opens an image and puts it in the place of the medium. Throws <see cref="BlockException"/>, before anything moves if the image
    /// can't be opened.
    /// </summary>
    public async ValueTask ChangeAsync(
        GuestDrive drive,
        string name,
        string filename,
        string? format,
        MediumReadOnlyMode readOnly
    )
    {
        var options = new JsonObject
        {
            ["read-only"] = readOnly switch
            {
                MediumReadOnlyMode.Retain => drive.IsMediumReadOnly,
                MediumReadOnlyMode.ReadOnly => true,
                _ => false,
            },
        };
        var node = await Graph.OpenFilenameAsync(filename, format, options);
        try
        {
            OpenTray(drive, name);
            await RemoveAsync(drive, name);
            Insert(drive, name, node);
            CloseTray(drive, name);
        }
        finally
        {
            await Graph.ReleaseAsync(node);
        }
    }

    private void Insert(GuestDrive drive, string name, BlockNode node)
    {
        RequireRemovable(drive, name);
        if (drive is { HasTray: true, Device.IsTrayOpen: false })
        {
            throw new QmpException("Tray of the device is not open");
        }
        if (drive.Backend.HasMedium)
        {
            throw new QmpException("There already is a medium in the device");
        }
        drive.Insert(node);
    }

    private void Move(GuestDrive drive, bool isOpen)
    {
        if (drive is { HasTray: true, Device: { } device } && device.IsTrayOpen != isOpen)
        {
            device.IsTrayOpen = isOpen;
            DeviceTrayMoved.Publish(machine.Context.Events, drive.Name, device.BlockId, isOpen);
        }
    }

    private static void RequireRemovable(GuestDrive drive, string name)
    {
        if (!drive.IsRemovable)
        {
            throw new QmpException($"Device '{name}' is not removable");
        }
    }
}

/// <summary>Whether a new medium may be written to (BlockdevChangeReadOnlyMode).</summary>
[Schema(Name = "BlockdevChangeReadOnlyMode")]
internal enum MediumReadOnlyMode
{
    /// <summary>As the one before.</summary>
    Retain,

    /// <summary>No.</summary>
    ReadOnly,

    /// <summary>Yes.</summary>
    ReadWrite,
}
