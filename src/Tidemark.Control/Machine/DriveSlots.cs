using Tidemark.Control.Devices;
using Tidemark.Core.Errors;

namespace Tidemark.Control.Machine;

/// <summary>The places of a machine's drives: what is asked for, else the next that is free, and the name that it gives.</summary>
internal sealed class DriveSlots(MachineType type)
{
    private readonly HashSet<(string Interface, int Bus, int Unit)> taken = [];

    /// <summary>Whether the place is taken.</summary>
    public bool IsTaken(string where, int index)
    {
        var (bus, unit) = Split(where, index);
        return taken.Contains((where, bus, unit));
    }

    /// <summary>Takes a place; <paramref name="name"/> is what the drive there is called. Throws <see cref="BlockException"/>.</summary>
    public DriveSlot Take(DriveOptions options, out string name)
    {
        var where = options.Interface ?? type.DefaultInterface;
        var most = MostUnits(where);
        var (bus, unit) = (options.Bus ?? 0, options.Unit ?? -1);
        if (options.Index is { } index)
        {
            (bus, unit) = Split(where, index);
        }
        if (unit < 0)
        {
            for (unit = 0; taken.Contains((where, bus, unit)); )
            {
                unit++;
                if (most > 0 && unit >= most)
                {
                    (bus, unit) = (bus + 1, 0);
                }
            }
        }
        if (most > 0 && unit >= most)
        {
            throw Refuse($"unit {unit} too big (max is {most - 1})");
        }
        if (!taken.Add((where, bus, unit)))
        {
            throw Refuse($"drive with bus={bus}, unit={unit} (index={(bus * Math.Max(most, 1)) + unit}) exists");
        }
        var kind = options.IsCompact ? "-cd" : "-hd";
        name = most > 0 ? $"{where}{bus}{kind}{unit}" : $"{where}{unit}";
        return new(where, bus, unit);
    }

    /// <summary>Refuses a place that the machine has not got.</summary>
    public void Check(DriveSlot slot)
    {
        var buses = type.MakeBuses();
        var isThere = slot.Interface switch
        {
            "none" => true,
            "ide" => slot.Bus < buses.Count(static bus => bus.Kind == BusKind.Ide) && slot.Unit < type.IdeUnits,
            "floppy" => slot is { Bus: 0, Unit: < 2 } && buses.Any(static bus => bus.Kind == BusKind.Isa),
            "virtio" => buses.Any(static bus => bus.Kind == BusKind.Pci),
            _ => false,
        };
        if (!isThere)
        {
            throw Refuse($"machine type does not support if={slot.Interface},bus={slot.Bus},unit={slot.Unit}");
        }
    }

    private (int Bus, int Unit) Split(string where, int index) =>
        MostUnits(where) is > 0 and var most ? (index / most, index % most) : (0, index);

    private int MostUnits(string where) =>
        where switch
        {
            "ide" => type.IdeUnits > 0 ? type.IdeUnits : 2,
            "scsi" => 7,
            _ => 0,
        };

    private static BlockException Refuse(string text) => new(BlockErrorKind.InvalidOptions, text);
}

/// <summary>A drive's place.</summary>
internal readonly record struct DriveSlot(string Interface, int Bus, int Unit);
