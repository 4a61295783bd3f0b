using System.Globalization;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Control.Devices;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Machine;

/// <summary>
/// Builds a machine as its command line says, step by step: type, drives, the drives that every machine has, devices. All steps throw
/// <see cref="BlockException"/> with the reference's text. Belongs to the graph's loop.
/// </summary>
public sealed class MachineBuilder
{
    private readonly GuestlessMachine machine;
    private readonly List<(DriveSlot Slot, GuestDrive Drive, bool IsCompact)> builtin = [];
    private readonly List<(GuestDrive Drive, string Origin)> virtio = [];
    private DriveSlots slots;

    /// <summary>Builds <paramref name="machine"/>, which has nothing yet.</summary>
    public MachineBuilder(GuestlessMachine machine)
    {
        this.machine = machine;
        slots = new DriveSlots(machine.Build);
    }

    /// <summary>Told of an image whose format was guessed.</summary>
    public Action<string, BlockNode>? FormatGuessed { get; init; }

    /// <summary>Opens a node whose writes are lost when it is closed, over one that it holds; read-only, if told so.</summary>
    public Func<BlockNode, bool, ValueTask<BlockNode>>? MakeSnapshot { get; init; }

    /// <summary>Whether drives lose what is written to them, unless they say otherwise.</summary>
    public bool IsSnapshot { get; set; }

    /// <summary>Whether the machine has nothing but what is asked for.</summary>
    public bool IsBare { get; set; }

    private BlockGraph Graph => machine.Context.Graph;

    /// <summary>The names of all types of machine.</summary>
    public static IEnumerable<(string Name, string Description)> Types =>
        MachineType
            .All.SelectMany(static type => new[] { type.Alias, type.Name }.OfType<string>().Select(name => (name, type)))
            .Select(static pair =>
                (
                    pair.name,
                    pair.name == pair.type.Alias
                        ? $"a machine without a guest (alias of {pair.type.Name})"
                        : "a machine without a guest"
                )
            );

    /// <summary>Makes it a machine of the type of that name; false if there is none.</summary>
    public bool TryBuild(string name)
    {
        if (MachineType.Find(name) is not { } type)
        {
            return false;
        }
        machine.BuildAs(type);
        slots = new DriveSlots(type);
        return true;
    }

    /// <summary>
    /// -drive and its short forms: a drive with a medium, or without one.
    /// </summary>
    /// <param name="text">The options.</param>
    /// <param name="place">Further options that a short form stands for, or null.</param>
    /// <param name="origin">The option as it was typed, for errors that show up later.</param>
    /// <param name="warn">Told of what is not as its user may think.</param>
    public async ValueTask AddDriveAsync(string text, string? place, string origin, Action<string> warn)
    {
        var options = place is null ? KeyvalParser.Parse(text, "file") : KeyvalParser.Parse(place);
        if (place is not null && text.Length > 0)
        {
            options["file"] = text;
        }
        var drive = DriveOptions.Read(options);
        var slot = slots.Take(drive, out var name);
        name = drive.Id ?? name;
        if (machine.Devices.FindDrive(name) is not null)
        {
            throw Refuse($"Duplicate ID '{name}' for drive");
        }
        if (Graph.TryFind(name, out _))
        {
            throw Refuse($"Device with id '{name}' already exists");
        }
        slots.Check(slot);
        await AddAsync(drive, slot, name, origin, warn);
    }

    /// <summary>
    /// All drives are there: gives the machine those that every machine has, and devices to those that go to its own buses.
    /// </summary>
    /// <param name="devices">The models that further devices will be of: some take the place of a drive that every machine has.</param>
    public void FinishDrives(IReadOnlyCollection<string> devices)
    {
        if (!IsBare)
        {
            AddUsual(devices);
        }
        var floppies = builtin.Where(static one => one.Slot.Interface == "floppy").OrderBy(static one => one.Slot.Unit).ToList();
        var disks = builtin.Except(floppies).OrderBy(static one => (one.Slot.Bus, one.Slot.Unit)).ToList();
        var type = machine.Build;
        var number = IsBare ? type.FirstFloppy.Bare : type.FirstFloppy.Default;
        var needsController = floppies.Count > 0 && machine.Devices.FindBus("floppy-bus.0") is null;
        foreach (var (slot, drive, _) in floppies)
        {
            var bus =
                machine.Devices.FindBus("floppy-bus.0")
                ?? machine.Devices.AddBus(new("floppy-bus.0", BusKind.Floppy, AllowsHotplug: false));
            Place("floppy", drive, bus, slot.Unit, number++);
        }
        number = (IsBare ? type.FirstDisk.Bare : type.FirstDisk.Default) + floppies.Count + (needsController ? 1 : 0);
        foreach (var (slot, drive, isCompact) in disks)
        {
            var bus = machine.Devices.FindBus($"ide.{slot.Bus}") ?? throw Invariant.Unreachable("the place has been checked");
            Place(isCompact ? "ide-cd" : "ide-hd", drive, bus, slot.Unit, number++);
        }
    }

    /// <summary>-device: key=value pairs, or JSON.</summary>
    public async ValueTask AddDeviceAsync(string text)
    {
        var (options, mode) = KeyvalParser.ParseEither(text, "driver");
        _ = await machine.Devices.AddAsync(options, mode, isHotplugged: false);
    }

    /// <summary>Gives devices to the drives that asked for one of virtio. They come last.</summary>
    public async ValueTask FinishDevicesAsync()
    {
        foreach (var (drive, origin) in virtio)
        {
            try
            {
                var options = new JsonObject { ["driver"] = "virtio-blk-pci", ["drive"] = drive.Name };
                _ = await machine.Devices.AddAsync(options, SchemaMode.Keyval, isHotplugged: false);
            }
            catch (BlockException error)
            {
                throw new BlockException(error.Kind, $"{origin}: {error.Message}", error);
            }
        }
    }

    private async ValueTask AddAsync(DriveOptions options, DriveSlot slot, string name, string origin, Action<string> warn)
    {
        var drive = new GuestDrive(BlockBackend.CreateEmpty(Graph, name))
        {
            WriteError = options.WriteError,
            ReadError = options.ReadError,
            IsMediumReadOnly = options.IsReadOnly,
        };
        drive.Backend.WritesThrough = options.WritesThrough;
        try
        {
            if (!options.IsEmpty)
            {
                await InsertAsync(drive, options, warn);
            }
            machine.Devices.SetThrottle(drive, options.Limits.ToSettings(), options.ThrottleGroup);
        }
        catch
        {
            await drive.DisposeAsync();
            throw;
        }
        var accounting = drive.Backend.Accounting;
        (accounting.CountsInvalid, accounting.CountsFailed) = (options.CountsInvalid, options.CountsFailed);
        foreach (var seconds in options.StatsIntervals)
        {
            accounting.AddInterval(seconds);
        }
        machine.Devices.AddDrive(drive);
        switch (slot.Interface)
        {
            case "ide" or "floppy":
                builtin.Add((slot, drive, options.IsCompact));
                break;
            case "virtio":
                virtio.Add((drive, origin));
                break;
        }
    }

    private async ValueTask InsertAsync(GuestDrive drive, DriveOptions options, Action<string> warn)
    {
        var node = await OpenAsync(options);
        try
        {
            if ((options.IsSnapshot || IsSnapshot) && MakeSnapshot is not null)
            {
                node = await ReplaceAsync(node, await MakeSnapshot(node, options.IsReadOnly));
            }
            if (options.KeepsReads && options.IsReadOnly)
            {
                warn("warning: disabling copy-on-read on read-only drive");
            }
            else if (options.KeepsReads)
            {
                var filter = new JsonObject { ["driver"] = "copy-on-read", ["file"] = node.Name };
                node = await ReplaceAsync(node, await Graph.OpenAsync(filter));
            }
            drive.Insert(node);
        }
        finally
        {
            await Graph.ReleaseAsync(node);
        }
    }

    // The one above holds the one below.
    private async ValueTask<BlockNode> ReplaceAsync(BlockNode below, BlockNode above)
    {
        await Graph.ReleaseAsync(below);
        return above;
    }

    private async ValueTask<BlockNode> OpenAsync(DriveOptions options)
    {
        var isSnapshot = options.IsSnapshot || IsSnapshot;
        if (isSnapshot)
        {
            options.Node["read-only"] = true;
        }
        if (options.Filename is not { } filename)
        {
            options.Node["driver"] = options.Format ?? throw Refuse("Must specify either driver or file");
            return await Graph.OpenAsync(options.Node);
        }
        var node = await Graph.OpenFilenameAsync(filename, options.Format, options.Node);
        if (options.Format is null)
        {
            FormatGuessed?.Invoke(filename, node);
        }
        return node;
    }

    private void AddUsual(IReadOnlyCollection<string> devices)
    {
        if (!devices.Any(static d => d is "ide-cd" or "ide-hd" or "scsi-cd" or "scsi-hd") && machine.Build.IdeUnits > 0)
        {
            AddEmpty("ide", 2, isCompact: true);
        }
        if (!devices.Any(static d => d is "isa-fdc" or "floppy") && machine.Devices.FindBus("floppy-bus.0") is not null)
        {
            AddEmpty("floppy", 0, isCompact: false);
        }
        if (machine.Build.IdeUnits > 0)
        {
            AddEmpty("sd", 0, isCompact: false);
        }
    }

    private void AddEmpty(string where, int index, bool isCompact)
    {
        if (slots.IsTaken(where, index))
        {
            return;
        }
        var options = new JsonObject
        {
            ["if"] = where,
            ["index"] = index.ToString(CultureInfo.InvariantCulture),
            ["media"] = isCompact ? "cdrom" : "disk",
        };
        var slot = slots.Take(DriveOptions.Read(options), out var name);
        var drive = new GuestDrive(BlockBackend.CreateEmpty(Graph, name)) { IsMediumReadOnly = isCompact };
        machine.Devices.AddDrive(drive);
        if (where != "sd")
        {
            builtin.Add((slot, drive, isCompact));
        }
    }

    private void Place(string model, GuestDrive drive, DeviceBus bus, int unit, int number) =>
        _ = machine.Devices.AddBuiltin(
            DeviceModels.Find(model) ?? throw Invariant.Unreachable("the machine's own devices have models"),
            string.Create(CultureInfo.InvariantCulture, $"/machine/unattached/device[{number}]"),
            bus,
            unit,
            drive
        );

    private static BlockException Refuse(string text) => new(BlockErrorKind.InvalidOptions, text);
}
