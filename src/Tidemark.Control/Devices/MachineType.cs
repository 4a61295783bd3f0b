using Tidemark.Core.Errors;

namespace Tidemark.Control.Devices;

/// <summary>A type of machine: what it is built from, as far as disks are concerned.</summary>
/// <param name="Name">Its full name, which migrations compare.</param>
/// <param name="Alias">A short name, or null.</param>
/// <param name="DefaultInterface">Where disks go whose user says nothing: "ide" or "none".</param>
internal sealed record MachineType(string Name, string? Alias, string DefaultInterface)
{
    private static readonly Dictionary<int, string> PcSlots = new() { [0] = "i440FX", [1] = "PIIX3" };
    private static readonly Dictionary<int, string> Q35Slots = new() { [0] = "mch", [31] = "ICH9-LPC" };

    /// <summary>All types, the default one first.</summary>
    public static IReadOnlyList<MachineType> All { get; } =
    [
        new("pc-i440fx-7.2", "pc", "ide")
        {
            MakeBuses = static () =>
                [
                    new("pci.0", BusKind.Pci, AllowsHotplug: true) { BuiltIn = PcSlots },
                    new("isa.0", BusKind.Isa, AllowsHotplug: false),
                    new("floppy-bus.0", BusKind.Floppy, AllowsHotplug: false),
                    new("ide.0", BusKind.Ide, AllowsHotplug: false),
                    new("ide.1", BusKind.Ide, AllowsHotplug: false),
                ],
            IdeUnits = 2,
            FirstFloppy = (Bare: 13, Default: 16),
            FirstDisk = (Bare: 18, Default: 22),
        },
        new("pc-q35-7.2", "q35", "ide")
        {
            MakeBuses = static () =>
                [
                    new("pcie.0", BusKind.Pci, AllowsHotplug: false) { BuiltIn = Q35Slots },
                    new("isa.0", BusKind.Isa, AllowsHotplug: false),
                    .. Enumerable
                        .Range(0, 6)
                        .Select(static n => new DeviceBus($"ide.{n}", BusKind.Ide, AllowsHotplug: false) { Units = 1 }),
                ],
            IdeUnits = 1,
            FirstFloppy = (Bare: 12, Default: 14),
            FirstDisk = (Bare: 16, Default: 18),
        },
        new("none", null, "none"),
    ];

    /// <summary>Makes the buses that it has.</summary>
    public Func<IReadOnlyList<DeviceBus>> MakeBuses { get; init; } = static () => [];

    /// <summary>Disks on each IDE bus; 0 if there is none.</summary>
    public int IdeUnits { get; init; }

    /// <summary>Number of the first floppy drive among the machine's own devices: without its default devices, and with them.</summary>
    public (int Bare, int Default) FirstFloppy { get; init; }

    /// <summary>The same for the first disk, where there is no floppy drive.</summary>
    public (int Bare, int Default) FirstDisk { get; init; }

    /// <summary>The type of that name, or null.</summary>
    public static MachineType? Find(string name) => All.FirstOrDefault(type => type.Name == name || type.Alias == name);

    /// <summary>The machine without anything.</summary>
    public static MachineType None => Find("none") ?? throw Invariant.Unreachable("it is one of all");
}
