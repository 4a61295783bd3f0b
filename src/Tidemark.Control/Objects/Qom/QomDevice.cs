using Tidemark.Control.Devices;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Control.Objects.Qom;

/// <summary>A device, or its part that holds the medium. What it was made with stays.</summary>
internal sealed class QomDevice : QomPlace
{
    private static readonly (string Name, string Type)[] Common =
    [
        ("realized", "bool"),
        ("hotplugged", "bool"),
        ("hotpluggable", "bool"),
    ];

    private readonly GuestDevice device;
    private readonly bool isPart;

    private QomDevice(GuestDevice device, bool isPart)
        : base(isPart ? device.BackendPath : device.Path) => (this.device, this.isPart) = (device, isPart);

    /// <inheritdoc/>
    public override string TypeName => isPart ? device.Model.BackendModel ?? device.Model.Name : device.Model.Name;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, QomPlace Place)> Children =>
        isPart || device.Model.BackendName is not { } name ? [] : [(name, new QomDevice(device, isPart: true))];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Type)> Own =>
        [.. Common, .. device.Model.Properties.Select(static property => (property.Name, property.TypeName))];

    /// <summary>The place of a device.</summary>
    public static QomDevice Of(GuestDevice device) => new(device, isPart: false);

    /// <inheritdoc/>
    protected override JsonValue? GetOwn(string name)
    {
        switch (name)
        {
            case "realized":
                return JsonBool.True;
            case "hotplugged":
                return device.IsHotplugged ? JsonBool.True : JsonBool.False;
            case "hotpluggable":
                return device.Bus is { AllowsHotplug: true } ? JsonBool.True : JsonBool.False;
            case "drive" when device.Drive is { } drive:
                return new JsonString(
                    drive.Name.Length > 0 ? drive.Name
                    : drive.Backend.HasMedium ? drive.Backend.Node.Name
                    : ""
                );
            case "addr" when PciSlot.Parse(device.Address) is { } slot:
                return new JsonNumber(slot.Number);
            default:
                return device.Model.Properties.FirstOrDefault(property => property.Name == name) is { } found
                    ? device.Value(found) ?? Nothing(found)
                    : null;
        }
    }

    /// <inheritdoc/>
    protected override bool TrySetOwn(string name, JsonValue value) =>
        GetOwn(name) is null
            ? false
            : throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"Attempt to set property '{name}' on device '{device.Id}' (type '{device.Model.Name}') after it was realized"
            );

    // A number that nobody gave is -1, a text empty.
    private static JsonValue Nothing(DeviceProperty property) =>
        property.TypeName == "int32" ? new JsonNumber(-1) : new JsonString("");
}
