using Tidemark.Core.Errors;

namespace Tidemark.Control.Devices;

/// <summary>Kinds of bus that devices sit on.</summary>
internal enum BusKind
{
    /// <summary>PCI and PCI Express.</summary>
    Pci,

    /// <summary>ISA.</summary>
    Isa,

    /// <summary>IDE and SATA.</summary>
    Ide,

    /// <summary>SCSI.</summary>
    Scsi,

    /// <summary>A controller of floppy disks.</summary>
    Floppy,

    /// <summary>USB.</summary>
    Usb,
}

/// <summary>How messages call kinds of bus.</summary>
internal static class BusKindName
{
    /// <summary>The name in "No 'PCI' bus found".</summary>
    public static string ToName(this BusKind kind) =>
        kind switch
        {
            BusKind.Pci => "PCI",
            BusKind.Isa => "ISA",
            BusKind.Ide => "IDE",
            BusKind.Scsi => "SCSI",
            BusKind.Floppy => "floppy-bus",
            BusKind.Usb => "usb-bus",
            _ => throw Invariant.Unreachable("every kind of bus has a name"),
        };
}
