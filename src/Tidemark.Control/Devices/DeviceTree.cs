using System.Globalization;
using Tidemark.Block.Graph;
using Tidemark.Control.Machine;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Devices;

/// <summary>The machine's buses, what sits on them, and the drives that hold their media. Belongs to the graph's loop.</summary>
public sealed partial class DeviceTree
{
    private List<DeviceBus> buses = [];
    private readonly List<GuestDevice> devices = [];
    private readonly GuestlessMachine machine;
    private int anonymous;

    internal DeviceTree(GuestlessMachine machine) => this.machine = machine;

    /// <summary>All devices, the oldest first.</summary>
    public IReadOnlyList<GuestDevice> Devices => devices;

    private BlockGraph Graph => machine.Context.Graph;

    /// <summary>Gives the machine the buses of its type.</summary>
    internal void Build(MachineType type) => buses = [.. type.MakeBuses()];

    /// <summary>The device with that id, or at that path; null if there is none.</summary>
    internal GuestDevice? Find(string idOrPath) => devices.Find(device => device.Id == idOrPath || device.Path == idOrPath);

    /// <summary>
    /// Makes a device as -device and device_add describe it. Throws <see cref="BlockException"/>, with nothing left behind.
    /// </summary>
    /// <param name="options">Model, bus, id and properties.</param>
    /// <param name="mode">Whether values are typed, or texts.</param>
    /// <param name="isHotplugged">Whether the machine is there already.</param>
    internal async ValueTask<GuestDevice> AddAsync(JsonObject options, SchemaMode mode, bool isHotplugged)
    {
        var reader = new SchemaReader(mode).Open(options);
        var name = reader.Required("driver", SchemaCodec.String);
        var id = reader.OptionalReference("id", SchemaCodec.String);
        CheckId(id, isHotplugged);
        var model = DeviceModels.Find(name) ?? throw Refuse($"'{name}' is not a valid device model name");
        var bus = ChooseBus(model, reader.OptionalReference("bus", SchemaCodec.String));
        if (isHotplugged && !bus.AllowsHotplug)
        {
            throw Refuse($"Bus '{bus.Name}' does not support hotplugging");
        }
        var path = id is null
            ? string.Create(CultureInfo.InvariantCulture, $"/machine/peripheral-anon/device[{anonymous++}]")
            : $"/machine/peripheral/{id}";
        var values = ReadProperties(model, reader);
        var (drive, node) = FindMedium(model, values);
        if (model.Required is { } required && !values.ContainsKey(required))
        {
            throw Refuse($"{required} property not set");
        }
        CheckBlockSizes(values);
        var device = new GuestDevice(model, id, path, bus, values, id is null ? FirstBus(model) : 0)
        {
            Address = DevicePlace.Choose(model, bus, values),
            IsHotplugged = isHotplugged,
        };
        await AttachAsync(device, drive, node);
        Settle(device);
        return device;
    }

    /// <summary>
    /// Makes a device of the machine itself for one of its drives; <paramref name="path"/> is where it is. Throws as
    /// <see cref="AddAsync"/> does.
    /// </summary>
    internal GuestDevice AddBuiltin(DeviceModel model, string path, DeviceBus bus, int unit, GuestDrive drive)
    {
        var device = new GuestDevice(model, id: null, path, bus, []) { Address = unit.ToString(CultureInfo.InvariantCulture) };
        drive.Attach(device, model.Medium ?? throw Invariant.Unreachable("a drive is for what has a medium"));
        device.Drive = drive;
        Settle(device);
        return device;
    }

    /// <summary>A further bus of the machine itself.</summary>
    internal DeviceBus AddBus(DeviceBus bus)
    {
        buses.Add(bus);
        return bus;
    }

    /// <summary>The bus of that name, or null.</summary>
    internal DeviceBus? FindBus(string name) =>
        buses.Find(bus => bus.Name == name) ?? devices.SelectMany(static d => d.Buses).FirstOrDefault(b => b.Name == name);

    private void Settle(GuestDevice device)
    {
        device.Bus?.Devices.Add(device);
        devices.Add(device);
    }

    private void CheckId(string? id, bool isHotplugged)
    {
        if (id is null)
        {
            return;
        }
        if (!Identifier.IsWellFormed(id))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Parameter 'id' expects an identifier")
            {
                Hint = Identifier.Rule,
            };
        }
        if (devices.Exists(device => device.Id == id))
        {
            throw Refuse(isHotplugged ? $"Duplicate device ID '{id}'" : $"Duplicate ID '{id}' for device");
        }
    }

    // Where none is named it is the youngest.
    private DeviceBus ChooseBus(DeviceModel model, string? name)
    {
        if (name is not null)
        {
            var named = FindBus(name) ?? throw Refuse($"Bus '{name}' not found");
            return named.Kind == model.Bus ? named : throw Refuse($"Device '{model.Name}' can't go on {named.Kind.ToName()} bus");
        }
        return devices.SelectMany(static device => device.Buses).LastOrDefault(bus => bus.Kind == model.Bus)
            ?? buses.LastOrDefault(bus => bus.Kind == model.Bus)
            ?? throw Refuse($"No '{model.Bus.ToName()}' bus found for device '{model.Name}'");
    }

    private static Dictionary<string, JsonValue> ReadProperties(DeviceModel model, ObjectReader options)
    {
        var values = new Dictionary<string, JsonValue>(StringComparer.Ordinal);
        foreach (var name in options.Source.Names.Where(static name => name is not ("driver" or "id" or "bus")))
        {
            var property =
                model.Properties.FirstOrDefault(property => property.Name == name)
                ?? throw Refuse($"Property '{model.Name}.{name}' not found");
            values[name] = property.Read(options);
        }
        return values;
    }

    // A drive by its name, else a node by its.
    private (GuestDrive? Drive, BlockNode? Node) FindMedium(DeviceModel model, Dictionary<string, JsonValue> values)
    {
        if (model.Medium is not { } use)
        {
            return default;
        }
        if (values.GetValueOrDefault("drive") is not JsonString { Value: { Length: > 0 } name })
        {
            return use.IsRemovable ? default : throw Refuse("drive property not set");
        }
        if (drives.Find(drive => drive.Name.Length > 0 && drive.Name == name) is { } found)
        {
            return found.Device is null ? (found, null) : throw Refuse($"Drive '{name}' is already in use by another device");
        }
        return Graph.FindNode(name) is { } node
            ? (null, node)
            : throw Refuse($"Property '{model.DriveOwner}.drive' can't find value '{name}'");
    }

    // Buses of devices without an id share their numbers.
    private int FirstBus(DeviceModel model) =>
        buses
            .Concat(devices.SelectMany(static device => device.Buses))
            .Count(bus => bus.Name.StartsWith($"{model.Buses.Name}.", StringComparison.Ordinal));

    private static void CheckBlockSizes(Dictionary<string, JsonValue> values)
    {
        var (logical, physical) = (Size("logical_block_size"), Size("physical_block_size"));
        if (logical > physical)
        {
            throw Refuse("logical_block_size > physical_block_size not supported");
        }

        ulong Size(string name) =>
            values.GetValueOrDefault(name) is { } value && SchemaCodec.Size.Parse(value) is > 0 and var size ? size : 512;
    }

    private async ValueTask AttachAsync(GuestDevice device, GuestDrive? drive, BlockNode? node)
    {
        if (device.Model.Medium is not { } use)
        {
            return;
        }
        var isOwn = drive is null;
        drive ??= new GuestDrive(BlockBackend.CreateEmpty(Graph, ""));
        try
        {
            if (node is not null)
            {
                drive.Insert(node, device, use);
            }
            drive.Attach(device, use);
        }
        catch when (isOwn)
        {
            await drive.DisposeAsync();
            throw;
        }
        device.Drive = drive;
        if (isOwn)
        {
            drives.Add(drive);
        }
    }

    private static BlockException Refuse(string text) => new(BlockErrorKind.InvalidOptions, text);
}
