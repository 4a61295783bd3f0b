using Tidemark.Jobs;

namespace Tidemark.Control.Devices;

/// <summary>Properties that several models have in common.</summary>
internal static class DeviceProperties
{
    /// <summary>Of everything that has a medium.</summary>
    public static readonly DeviceProperty[] Medium =
    [
        DeviceProperty.Text("drive"),
        DeviceProperty.Switch("account-failed"),
        DeviceProperty.Switch("account-invalid"),
        DeviceProperty.Switch("backend_defaults"),
        DeviceProperty.Size("discard_granularity", uint.MaxValue),
        DeviceProperty.BlockSize("logical_block_size"),
        DeviceProperty.BlockSize("physical_block_size"),
        DeviceProperty.Size("min_io_size"),
        DeviceProperty.Size("opt_io_size"),
        DeviceProperty.Bool("share-rw"),
        DeviceProperty.Switch("write-cache"),
    ];

    /// <summary>Of what can stop the machine when its medium fails.</summary>
    public static readonly DeviceProperty[] Errors =
    [
        DeviceProperty.Word("rerror", JobErrorPolicyWords.Codec, JobErrorPolicy.Auto, "BlockdevOnError"),
        DeviceProperty.Word("werror", JobErrorPolicyWords.Codec, JobErrorPolicy.Auto, "BlockdevOnError"),
    ];

    /// <summary>Of what a machine may start from.</summary>
    public static readonly DeviceProperty[] Boot = [DeviceProperty.Int32("bootindex")];

    /// <summary>Of disks as a BIOS sees them.</summary>
    public static readonly DeviceProperty[] Geometry =
    [
        DeviceProperty.UInt32("cyls"),
        DeviceProperty.UInt32("heads"),
        DeviceProperty.UInt32("secs"),
        DeviceProperty.UInt32("lcyls"),
        DeviceProperty.UInt32("lheads"),
        DeviceProperty.UInt32("lsecs"),
    ];

    /// <summary>Of what sits on PCI.</summary>
    public static readonly DeviceProperty[] Pci =
    [
        PciSlot.Property,
        DeviceProperty.UInt32("acpi-index"),
        DeviceProperty.Text("failover_pair_id"),
        DeviceProperty.Bool("multifunction"),
        DeviceProperty.UInt32("rombar", 1),
        DeviceProperty.Text("romfile"),
        DeviceProperty.UInt32("romsize", uint.MaxValue),
        DeviceProperty.Bool("x-pcie-extcap-init", value: true),
        DeviceProperty.Bool("x-pcie-lnksta-dllla", value: true),
    ];

    /// <summary>Of virtio on PCI.</summary>
    public static readonly DeviceProperty[] VirtioPci =
    [
        .. Pci,
        DeviceProperty.Bool("aer"),
        DeviceProperty.Bool("any_layout", value: true),
        DeviceProperty.Bool("ats"),
        DeviceProperty.Switch("disable-legacy"),
        DeviceProperty.Bool("disable-modern"),
        DeviceProperty.Bool("event_idx", value: true),
        DeviceProperty.Bool("indirect_desc", value: true),
        DeviceProperty.Bool("ioeventfd", value: true),
        DeviceProperty.Bool("iommu_platform"),
        DeviceProperty.Text("iothread", "link<iothread>"),
        DeviceProperty.Bool("migrate-extra", value: true),
        DeviceProperty.Bool("modern-pio-notify"),
        DeviceProperty.Bool("notify_on_empty", value: true),
        DeviceProperty.Bool("packed"),
        DeviceProperty.Bool("page-per-vq"),
        DeviceProperty.Bool("queue_reset", value: true),
        DeviceProperty.Bool("use-disabled-flag", value: true),
        DeviceProperty.Bool("use-started", value: true),
        DeviceProperty.UInt32("vectors", uint.MaxValue),
        DeviceProperty.Bool("virtio-pci-bus-master-bug-migration"),
        DeviceProperty.Bool("x-ats-page-aligned", value: true),
        DeviceProperty.Bool("x-disable-legacy-check"),
        DeviceProperty.Bool("x-disable-pcie"),
        DeviceProperty.Bool("x-ignore-backend-features"),
        DeviceProperty.Bool("x-pcie-deverr-init", value: true),
        DeviceProperty.Bool("x-pcie-flr-init", value: true),
        DeviceProperty.Bool("x-pcie-lnkctl-init", value: true),
        DeviceProperty.Bool("x-pcie-pm-init", value: true),
    ];

    /// <summary>Of what sits on SCSI.</summary>
    public static readonly DeviceProperty[] Scsi =
    [
        DeviceProperty.UInt32("channel"),
        DeviceProperty.UInt32("scsi-id", uint.MaxValue),
        DeviceProperty.UInt32("lun", uint.MaxValue),
        DeviceProperty.Text("device_id"),
        DeviceProperty.UInt64("max_io_size", int.MaxValue),
        DeviceProperty.UInt16("port_index"),
        DeviceProperty.UInt64("port_wwn"),
        DeviceProperty.Text("product"),
        DeviceProperty.Bool("quirk_mode_page_vendor_specific_apple"),
        DeviceProperty.Int32("scsi_version", 5),
        DeviceProperty.Text("serial"),
        DeviceProperty.Text("vendor"),
        DeviceProperty.Text("ver"),
        DeviceProperty.UInt64("wwn"),
    ];

    /// <summary>Of what sits on IDE.</summary>
    public static readonly DeviceProperty[] Ide =
    [
        DeviceProperty.UInt32("unit", uint.MaxValue),
        DeviceProperty.Text("model"),
        DeviceProperty.Text("serial"),
        DeviceProperty.Text("ver"),
        DeviceProperty.UInt64("wwn"),
    ];
}
