using static Tidemark.Control.Devices.DeviceProperties;
using static Tidemark.Control.Devices.DeviceProperty;

namespace Tidemark.Control.Devices;

/// <summary>The models of device that there are: those with disks, and the controllers of such.</summary>
internal static class DeviceModels
{
    private static readonly MediumUse Disk = new();
    private static readonly MediumUse Compact = new(IsRemovable: true, HasTray: true, IsReadOnly: true, SharesResize: false);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DeviceModel> All { get; } =
    [
        new(
            "virtio-blk-pci",
            BusKind.Pci,
            [.. DeviceProperties.Medium, .. Errors, .. Boot, .. Geometry, .. VirtioPci, .. VirtioBlk()]
        )
        {
            Alias = "virtio-blk",
            Medium = Disk,
            BackendName = "virtio-backend",
            BackendModel = "virtio-blk-device",
        },
        new("virtio-scsi-pci", BusKind.Pci, [.. VirtioPci, .. VirtioScsi()])
        {
            Alias = "virtio-scsi",
            BackendName = "virtio-backend",
            BackendModel = "virtio-scsi-device",
            Brings = BusKind.Scsi,
            Buses = (1, "scsi"),
        },
        new("scsi-hd", BusKind.Scsi, [.. DeviceProperties.Medium, .. Errors, .. Boot, .. Geometry, .. Scsi, .. ScsiDisk()])
        {
            Medium = Disk,
        },
        new("scsi-cd", BusKind.Scsi, [.. DeviceProperties.Medium, .. Errors, .. Boot, .. Scsi, .. ScsiCompact()])
        {
            Medium = Compact,
        },
        new(
            "ide-hd",
            BusKind.Ide,
            [
                .. DeviceProperties.Medium,
                .. Errors,
                .. Boot,
                .. Geometry,
                .. Ide,
                OneOf("bios-chs-trans", "BiosAtaTranslation", "auto", ["auto", "none", "lba", "large", "rechs"]),
                UInt16("rotation_rate"),
            ]
        )
        {
            Medium = Disk with { TakesReadOnly = false },
        },
        new("ide-cd", BusKind.Ide, [.. DeviceProperties.Medium, .. Errors, .. Boot, .. Ide]) { Medium = Compact },
        new("ich9-ahci", BusKind.Pci, Pci)
        {
            Alias = "ahci",
            Brings = BusKind.Ide,
            Buses = (6, "ide"),
            BringsHotplug = false,
        },
        new(
            "floppy",
            BusKind.Floppy,
            [.. DeviceProperties.Medium, FloppyType("drive-type", "auto"), UInt32("unit", uint.MaxValue)]
        )
        {
            Medium = new(IsRemovable: true, SharesResize: false, CanStop: false),
        },
        new("isa-fdc", BusKind.Isa, FloppyController())
        {
            Brings = BusKind.Floppy,
            Buses = (1, "floppy-bus"),
            BringsHotplug = false,
        },
        new("qemu-xhci", BusKind.Pci, [.. Pci, Bool("msi"), Bool("msix"), UInt32("p2", 4), UInt32("p3", 4), UInt32("slots", 64)])
        {
            Brings = BusKind.Usb,
            Buses = (1, "usb-bus"),
        },
        new(
            "usb-storage",
            BusKind.Usb,
            [
                .. DeviceProperties.Medium,
                .. Errors,
                .. Boot,
                Bool("commandlog"),
                Bool("msos-desc", value: true),
                Text("pcap"),
                Text("port"),
                Bool("removable"),
                Text("serial"),
            ]
        )
        {
            Medium = Disk,
        },
        new("nvme", BusKind.Pci, [.. DeviceProperties.Medium, .. Boot, .. Pci, .. Nvme()])
        {
            Medium = new(SharesResize: false, CanStop: false),
            Required = "serial",
        },
    ];

    /// <summary>The model of that name, or null.</summary>
    public static DeviceModel? Find(string name) => All.FirstOrDefault(model => model.Name == name || model.Alias == name);

    private static DeviceProperty[] VirtioBlk() =>
        [
            UInt32("class"),
            Bool("config-wce", value: true),
            Bool("discard", value: true),
            UInt32("max-discard-sectors", 4_194_303),
            UInt32("max-write-zeroes-sectors", 4_194_303),
            UInt16("num-queues", ushort.MaxValue),
            UInt16("queue-size", 256),
            Bool("report-discard-granularity", value: true),
            Bool("request-merging", value: true),
            Bool("scsi"),
            Bool("seg-max-adjust", value: true),
            Text("serial"),
            Bool("write-zeroes", value: true),
            Bool("x-enable-wce-if-config-wce", value: true),
        ];

    private static DeviceProperty[] VirtioScsi() =>
        [
            UInt32("cmd_per_lun", 128),
            Bool("hotplug", value: true),
            UInt32("max_sectors", ushort.MaxValue),
            UInt32("num_queues", uint.MaxValue),
            Bool("param_change", value: true),
            Bool("seg_max_adjust", value: true),
            UInt32("virtqueue_size", 256),
        ];

    private static DeviceProperty[] ScsiDisk() =>
        [Bool("dpofua"), UInt64("max_unmap_size", 1 << 30), Bool("removable"), UInt16("rotation_rate")];

    private static DeviceProperty[] ScsiCompact() =>
        [Bool("quirk_mode_page_apple_vendor"), Bool("quirk_mode_page_truncated"), Bool("quirk_mode_sense_rom_use_dbd")];

    private static DeviceProperty[] FloppyController() =>
        [
            Int32("bootindexA"),
            Int32("bootindexB"),
            UInt32("dma", 2),
            FloppyType("fallback", "288"),
            FloppyType("fdtypeA", "auto"),
            FloppyType("fdtypeB", "auto"),
            UInt32("iobase", 1008),
            UInt32("irq", 6),
        ];

    private static DeviceProperty[] Nvme() =>
        [
            Text("serial"),
            UInt32("aer_max_queued", 64),
            UInt8("aerl", 3),
            UInt32("cmb_size_mb"),
            Bool("ioeventfd"),
            UInt32("max_ioqpairs", 64),
            UInt8("mdts", 7),
            Bool("msix-exclusive-bar"),
            UInt16("msix_qsize", 65),
            UInt32("num_queues"),
            UInt8("sriov_max_vfs"),
            UInt8("sriov_max_vi_per_vf"),
            UInt8("sriov_max_vq_per_vf"),
            UInt16("sriov_vi_flexible"),
            UInt16("sriov_vq_flexible"),
            Bool("use-intel-id"),
            UInt8("vsl", 7),
            Bool("zoned.auto_transition", value: true),
            UInt8("zoned.zasl"),
        ];
}
