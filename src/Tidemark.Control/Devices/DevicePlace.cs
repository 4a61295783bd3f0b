using System.Globalization;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Control.Devices;

/// <summary>A device's place on its bus: what its user asked for, else the first that is free. Throws where it can't be had.</summary>
internal static class DevicePlace
{
    private const uint Any = uint.MaxValue;
    private const uint LastTarget = 255;
    private const uint LastLun = 16_383;

    /// <summary>The place, as the bus counts.</summary>
    public static string Choose(DeviceModel model, DeviceBus bus, Dictionary<string, JsonValue> values) =>
        bus.Kind switch
        {
            BusKind.Pci => OnPci(model, bus, values.GetValueOrDefault("addr")),
            BusKind.Scsi => OnScsi(bus, Number(values, "channel", 0), Number(values, "scsi-id", Any), Number(values, "lun", Any)),
            BusKind.Ide => Unit(bus, Number(values, "unit", Any), "IDE", bus.Devices.Count == 0 ? 0 : (uint)bus.Units - 1),
            BusKind.Floppy => Unit(bus, Number(values, "unit", Any), "Floppy", FirstFree(bus)),
            _ => "",
        };

    private static string OnPci(DeviceModel model, DeviceBus bus, JsonValue? wanted)
    {
        if (wanted is JsonString { Value: { Length: > 0 } address })
        {
            var slot = PciSlot.Parse(address) ?? throw Invariant.Unreachable("the property has been read");
            var user = bus.Devices.Find(d => d.Address == address) is { } there
                ? $"{there.Model.Name},id={there.Id ?? "(null)"}"
                : bus.BuiltIn.GetValueOrDefault(slot.Slot);
            return user is null
                ? address
                : throw Refuse(
                    $"PCI: slot {slot.Slot} function {slot.Function} not available for {model.Name}, in use by {user}"
                );
        }
        for (var slot = 0; slot < PciSlot.Count; slot++)
        {
            var free = new PciSlot(slot, 0).ToString();
            if (!bus.BuiltIn.ContainsKey(slot) && !bus.Devices.Exists(d => d.Address == free))
            {
                return free;
            }
        }
        throw Refuse($"PCI: no slot/function available for {model.Name}, all in use or reserved");
    }

    private static string OnScsi(DeviceBus bus, uint channel, uint target, uint lun)
    {
        if (channel != 0)
        {
            throw Refuse($"bad scsi channel id: {channel}");
        }
        if (target != Any && target > LastTarget)
        {
            throw Refuse($"bad scsi device id: {target}");
        }
        if (lun != Any && lun > LastLun)
        {
            throw Refuse($"bad scsi device lun: {lun}");
        }
        if (target == Any)
        {
            for (target = 0; target <= LastTarget; target++)
            {
                if (At(target, lun == Any ? 0 : lun) is null)
                {
                    return Address(target, lun == Any ? 0 : lun);
                }
            }
            throw Refuse("no free target");
        }
        if (lun == Any)
        {
            lun = 0;
            while (At(target, lun) is not null)
            {
                lun = lun < LastLun ? lun + 1 : throw Refuse("no free lun");
            }
        }
        return At(target, lun) is { } user ? throw Refuse($"lun already used by '{user.Id ?? ""}'") : Address(target, lun);

        GuestDevice? At(uint target, uint lun) => bus.Devices.Find(d => d.Address == Address(target, lun));
        static string Address(uint target, uint lun) => string.Create(CultureInfo.InvariantCulture, $"{target}:{lun}");
    }

    private static string Unit(DeviceBus bus, uint wanted, string kind, uint free)
    {
        var unit = wanted == Any ? free : wanted;
        if (unit >= bus.Units)
        {
            throw Refuse($"Can't create {(kind == "IDE" ? kind : "floppy")} unit {unit}, bus supports only {bus.Units} units");
        }
        var address = unit.ToString(CultureInfo.InvariantCulture);
        return bus.Devices.Exists(d => d.Address == address) ? throw Refuse($"{kind} unit {unit} is in use") : address;
    }

    private static uint FirstFree(DeviceBus bus)
    {
        var unit = 0u;
        while (bus.Devices.Exists(d => d.Address == unit.ToString(CultureInfo.InvariantCulture)))
        {
            unit++;
        }
        return unit;
    }

    private static uint Number(Dictionary<string, JsonValue> values, string name, uint fallback) =>
        values.GetValueOrDefault(name) is { } value ? Core.Schema.SchemaCodec.UInt32.Parse(value) : fallback;

    private static BlockException Refuse(string text) => new(BlockErrorKind.InvalidOptions, text);
}
