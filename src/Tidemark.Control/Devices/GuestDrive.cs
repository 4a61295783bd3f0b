using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Block.Throttling;
using Tidemark.Core.Errors;
using Tidemark.Jobs;

namespace Tidemark.Control.Devices;

/// <summary>
/// Where a medium is or may be: a drive of the machine, with a name if its user made it, and the device that uses it, if one does. It
/// holds requests back that come too fast, and counts them. Belongs to the graph's loop.
/// </summary>
public sealed class GuestDrive : IDrainListener, IAsyncDisposable
{
    private bool isDrained;

    /// <summary>A drive over <paramref name="backend"/>, which it owns.</summary>
    internal GuestDrive(BlockBackend backend)
    {
        Backend = backend;
        backend.DrainListener = this;
    }

    /// <summary>Its edge into the graph; without a medium it has no node.</summary>
    public BlockBackend Backend { get; }

    /// <summary>Its name, empty if a device made it for itself.</summary>
    public string Name => Backend.Name;

    /// <summary>The device that uses it, or null.</summary>
    public GuestDevice? Device { get; private set; }

    /// <summary>What becomes of failed writes where the device leaves it to the drive; null: the same as for all.</summary>
    internal JobErrorPolicy? WriteError { get; init; }

    /// <summary>The same for reads.</summary>
    internal JobErrorPolicy? ReadError { get; init; }

    /// <summary>Whether its user wants a medium to be read only, also one that comes later.</summary>
    internal bool IsMediumReadOnly { get; init; }

    /// <summary>How the last request that stopped the machine failed; <see cref="IoStatus.Ok"/> if none did since it runs.</summary>
    public IoStatus Failure { get; internal set; }

    /// <summary>Whether the medium may be taken out.</summary>
    public bool IsRemovable => Device is null or { Model.Medium.IsRemovable: true };

    /// <summary>Whether a medium must come out on a tray.</summary>
    public bool HasTray => Device is { Model.Medium.HasTray: true };

    /// <summary>Whether it has been taken away.</summary>
    internal bool IsGone { get; private set; }

    /// <summary>Its bounds, or null where it has none.</summary>
    public ThrottleMember? Throttle { get; private set; }

    /// <inheritdoc/>
    public bool IsBusy => false;

    /// <summary>
    /// <paramref name="device"/> uses it from now on, with the permissions of its kind. Throws <see cref="BlockException"/> where the
    /// medium does not suit.
    /// </summary>
    internal void Attach(GuestDevice device, MediumUse use)
    {
        Backend.DeviceId = device.BlockId;
        try
        {
            if (Backend.HasMedium)
            {
                CheckMedium(Backend.Node, use);
                var (required, shared) = Permissions(Backend.Node, device, use);
                Backend.SetPermissions(required, shared);
            }
            else if (!use.IsRemovable)
            {
                throw new BlockException(BlockErrorKind.InvalidOptions, "Device needs media, but drive is empty");
            }
        }
        catch
        {
            Backend.DeviceId = "";
            throw;
        }
        Device = device;
        Failure = IoStatus.Ok;
        Backend.WritesThrough = device.Choice("write-cache") is { } keepsWrites ? !keepsWrites : Backend.WritesThrough;
        var accounting = Backend.Accounting;
        accounting.CountsInvalid = device.Choice("account-invalid") ?? accounting.CountsInvalid;
        accounting.CountsFailed = device.Choice("account-failed") ?? accounting.CountsFailed;
    }

    /// <summary>Takes <paramref name="node"/> for its medium; it has none. Throws <see cref="BlockException"/> when others object.</summary>
    internal void Insert(BlockNode node)
    {
        var (required, shared) = Permissions(node, Device, Device?.Model.Medium);
        Backend.Insert(node, required, shared);
    }

    /// <summary>Takes <paramref name="node"/> for a device that is about to use it.</summary>
    internal void Insert(BlockNode node, GuestDevice device, MediumUse use)
    {
        Backend.DeviceId = device.BlockId;
        CheckMedium(node, use);
        var (required, shared) = Permissions(node, device, use);
        Backend.Insert(node, required, shared);
    }

    /// <summary>Lets go of the medium, if there is one, when its requests have ended.</summary>
    internal ValueTask RemoveMediumAsync() => Backend.RemoveAsync();

    /// <summary>Its bounds are those of <paramref name="group"/> from now on; none for null.</summary>
    internal void JoinThrottleGroup(ThrottleGroup? group)
    {
        if (group == Throttle?.Group)
        {
            return;
        }
        Throttle?.Leave();
        Throttle = group?.Join();
        if (isDrained)
        {
            Throttle?.Lift();
        }
    }

    /// <inheritdoc/>
    public void OnDrainBegin()
    {
        isDrained = true;
        Throttle?.Lift();
    }

    /// <inheritdoc/>
    public void OnDrainEnd()
    {
        isDrained = false;
        Throttle?.Restore();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        IsGone = true;
        Throttle?.Leave();
        Throttle = null;
        await Backend.DisposeAsync();
    }

    private static void CheckMedium(BlockNode node, MediumUse use)
    {
        if (!use.TakesReadOnly && node.IsMarkedReadOnly)
        {
            throw new BlockException(BlockErrorKind.AccessDenied, "Block node is read-only");
        }
    }

    private (BlockPermissions Required, BlockPermissions Shared) Permissions(BlockNode node, GuestDevice? device, MediumUse? use)
    {
        var writes = !node.IsMarkedReadOnly && use is not { IsReadOnly: true };
        var required = BlockPermissions.ConsistentRead | (writes ? BlockPermissions.Write : BlockPermissions.None);
        if (device is null || use is null)
        {
            return (required, BlockPermissions.All);
        }
        var shared = BlockPermissions.ConsistentRead | BlockPermissions.WriteUnchanged;
        shared |= use.SharesResize ? BlockPermissions.Resize : BlockPermissions.None;
        shared |= device.IsOn("share-rw") ? BlockPermissions.Write : BlockPermissions.None;
        return (required, shared);
    }
}
