using System.Globalization;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Jobs;

namespace Tidemark.Control.Devices;

/// <summary>
/// A device of the machine. Nothing drives it, as there is no guest, but it has a place on a bus and a path, holds a drive with a
/// device's permissions, and says what becomes of the machine when that fails.
/// </summary>
public sealed class GuestDevice
{
    private readonly Dictionary<string, JsonValue> values;

    /// <summary>A device that is about to come; its buses are numbered from <paramref name="firstBus"/> on.</summary>
    internal GuestDevice(
        DeviceModel model,
        string? id,
        string path,
        DeviceBus? bus,
        Dictionary<string, JsonValue> values,
        int firstBus = 0
    )
    {
        (Model, Id, Path, Bus, this.values) = (model, id, path, bus, values);
        Buses = model.Brings is { } kind ? [.. Enumerable.Range(firstBus, model.Buses.Count).Select(n => NewBus(kind, n))] : [];
    }

    /// <summary>What it is.</summary>
    internal DeviceModel Model { get; }

    /// <summary>Id that its user gave, or null.</summary>
    public string? Id { get; }

    /// <summary>Where it is in the tree of objects.</summary>
    public string Path { get; }

    /// <summary>Where it sits; null for what the machine is built from.</summary>
    internal DeviceBus? Bus { get; }

    /// <summary>The buses that it brings.</summary>
    internal IReadOnlyList<DeviceBus> Buses { get; }

    /// <summary>Its place on its bus, as that counts.</summary>
    internal string Address { get; init; } = "";

    /// <summary>Whether it came while the machine was there.</summary>
    public bool IsHotplugged { get; internal init; }

    /// <summary>Where its medium is; null for controllers.</summary>
    public GuestDrive? Drive { get; internal set; }

    /// <summary>Whether the tray is open, of a device that has one.</summary>
    public bool IsTrayOpen { get; internal set; }

    /// <summary>Whether it is to go as soon as the guest lets it.</summary>
    internal bool IsLeaving { get; set; }

    /// <summary>Path to its part that holds the medium, which may be itself.</summary>
    internal string BackendPath => Model.BackendName is { } part ? $"{Path}/{part}" : Path;

    /// <summary>How queries and events call its part that holds the medium: that part's id, else its path.</summary>
    public string BlockId => Model.BackendName is null && Id is not null ? Id : BackendPath;

    /// <summary>A property's value, or null where it has none.</summary>
    internal JsonValue? Value(DeviceProperty property) => values.GetValueOrDefault(property.Name) ?? property.Default;

    /// <summary>Whether a property that is on or off is on.</summary>
    internal bool IsOn(string name) => values.GetValueOrDefault(name) is JsonBool { Value: true };

    /// <summary>What its user chose for a property that is on, off or the device's own choice; null for the latter.</summary>
    internal bool? Choice(string name) =>
        (values.GetValueOrDefault(name) as JsonString)?.Value switch
        {
            "on" => true,
            "off" => false,
            _ => null,
        };

    /// <summary>What becomes of a failed request: the device's own word, else the drive's, else that of all.</summary>
    internal JobErrorPolicy PolicyFor(bool isWrite)
    {
        var own = values.GetValueOrDefault(isWrite ? "werror" : "rerror") is { } word
            ? JobErrorPolicyWords.Codec.Parse(word)
            : JobErrorPolicy.Auto;
        if (own != JobErrorPolicy.Auto)
        {
            return own;
        }
        return (isWrite ? Drive?.WriteError : Drive?.ReadError) ?? (isWrite ? JobErrorPolicy.Enospc : JobErrorPolicy.Report);
    }

    /// <summary>Whether errors can stop the machine, so that its state is of interest.</summary>
    public bool TellsStatus =>
        Model.Medium is { CanStop: true }
        && (
            PolicyFor(isWrite: true) is JobErrorPolicy.Enospc or JobErrorPolicy.Stop
            || PolicyFor(isWrite: false) == JobErrorPolicy.Stop
        );

    private DeviceBus NewBus(BusKind kind, int number) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Id ?? Model.Buses.Name}.{number}"), kind, Model.BringsHotplug, this)
        {
            Units = Model.Buses.Count > 1 ? 1 : 2,
        };
}
