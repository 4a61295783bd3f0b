namespace Tidemark.Control.Devices;

/// <summary>A bus of the machine, or of a controller among its devices.</summary>
/// <param name="Name">What "bus=" calls it.</param>
/// <param name="Kind">What fits on it.</param>
/// <param name="AllowsHotplug">Whether devices come and go while the machine is there.</param>
/// <param name="Owner">The controller that it belongs to, null for the machine's own.</param>
internal sealed record DeviceBus(string Name, BusKind Kind, bool AllowsHotplug, GuestDevice? Owner = null)
{
    /// <summary>Devices that fit on it side by side: of IDE and floppy buses.</summary>
    public int Units { get; init; } = 2;

    /// <summary>Slots that what the machine is built from takes up, with its name: of PCI buses.</summary>
    public IReadOnlyDictionary<int, string> BuiltIn { get; init; } = new Dictionary<int, string>();

    /// <summary>What sits on it, in order of arrival.</summary>
    public List<GuestDevice> Devices { get; } = [];
}
