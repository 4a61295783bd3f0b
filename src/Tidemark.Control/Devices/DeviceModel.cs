namespace Tidemark.Control.Devices;

/// <summary>What there is to know of a model of device.</summary>
/// <param name="Name">Its name, as "driver=" gives it.</param>
/// <param name="Bus">Where it sits.</param>
/// <param name="Properties">What it takes.</param>
internal sealed record DeviceModel(string Name, BusKind Bus, IReadOnlyList<DeviceProperty> Properties)
{
    /// <summary>Another name for it.</summary>
    public string? Alias { get; init; }

    /// <summary>What it does with a medium; null for controllers.</summary>
    public MediumUse? Medium { get; init; }

    /// <summary>Name of its part that holds the medium, where that is not the device itself: a child on virtio's own bus.</summary>
    public string? BackendName { get; init; }

    /// <summary>Model of that part.</summary>
    public string? BackendModel { get; init; }

    /// <summary>The bus that it brings, null for all but controllers.</summary>
    public BusKind? Brings { get; init; }

    /// <summary>How many of those, and what they are called where the device has no id.</summary>
    public (int Count, string Name) Buses { get; init; } = (1, "");

    /// <summary>Whether devices come and go on them.</summary>
    public bool BringsHotplug { get; init; } = true;

    /// <summary>Whether it leaves only when the guest lets it go.</summary>
    public bool AsksGuestToLeave => Bus == BusKind.Pci;

    /// <summary>A property that must be given.</summary>
    public string? Required { get; init; }

    /// <summary>Name of the model that errors about the property "drive" name.</summary>
    public string DriveOwner => BackendModel ?? Name;
}

/// <summary>How a model uses its medium.</summary>
/// <param name="IsRemovable">Whether the medium may be taken out; the device is there without one, too.</param>
/// <param name="HasTray">Whether it comes out on a tray.</param>
/// <param name="IsReadOnly">Whether it never writes.</param>
/// <param name="TakesReadOnly">Whether a medium that can't be written will do.</param>
/// <param name="SharesResize">Whether the medium's size may change.</param>
/// <param name="CanStop">Whether errors can stop the machine; its state then tells how it is.</param>
internal sealed record MediumUse(
    bool IsRemovable = false,
    bool HasTray = false,
    bool IsReadOnly = false,
    bool TakesReadOnly = true,
    bool SharesResize = true,
    bool CanStop = true
);
