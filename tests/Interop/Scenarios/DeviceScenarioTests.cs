namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Devices of a machine, and the drives behind them, beside the reference's. Nothing drives them in either.</summary>
public sealed class DeviceScenarioTests
{
    private static readonly string[] Pc = ["-machine", "pc,accel=tcg", "-S"];
    private static readonly string[] Scsi = [.. Pc, "-device", "virtio-scsi-pci,id=s"];

    [Theory]
    [InlineData("pc")]
    [InlineData("q35")]
    [InlineData("none")]
    public void Drives_of_all_kinds_get_their_names_and_devices(string type)
    {
        string[] disks = type == "none" ? [] : ["-drive", "if=virtio,driver=null-co", "-drive", "if=floppy,driver=null-co"];
        using var pair = DaemonPair.Machines([
            "-machine",
            type,
            "-S",
            "-drive",
            "driver=null-co",
            "-drive",
            "media=cdrom,index=2",
            .. disks,
            "-drive",
            "if=none,id=named,driver=null-co,readonly=on",
        ]);
        _ = pair.Do("query-block");
        _ = pair.Do("query-blockstats");
        Info(pair);
    }

    [Fact]
    public void Devices_come_by_name_of_a_drive_or_of_a_node_or_are_refused()
    {
        using var pair = DaemonPair.Machines([.. Scsi, "-drive", "if=none,id=d,driver=null-co", "-drive", "if=none,id=empty"]);
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'n','size':1048576}");
        foreach (
            var device in (string[])
                [
                    "{'driver':'bogus'}",
                    "{'drive':'d'}",
                    "{'driver':'scsi-hd'}",
                    "{'driver':'scsi-hd','drive':'nope'}",
                    "{'driver':'virtio-blk-pci','drive':'nope'}",
                    "{'driver':'scsi-hd','drive':'empty'}",
                    "{'driver':'scsi-hd','drive':'n','id':'1x'}",
                    "{'driver':'scsi-hd','drive':'n','foo':1}",
                    "{'driver':'scsi-hd','drive':'n','bus':'nope'}",
                    "{'driver':'scsi-hd','drive':'n','bus':'pci.0'}",
                    "{'driver':'virtio-blk-pci','drive':'n','bus':'s.0'}",
                    "{'driver':'ide-hd','drive':'n'}",
                    "{'driver':'usb-storage','drive':'n'}",
                    "{'driver':'nvme','drive':'n'}",
                    "{'driver':'scsi-hd','drive':'n','share-rw':'maybe'}",
                    "{'driver':'scsi-hd','drive':'n','lun':'x'}",
                    "{'driver':'scsi-hd','drive':'n','lun':-1}",
                    "{'driver':'scsi-hd','drive':'n','scsi-id':300}",
                    "{'driver':'scsi-hd','drive':'n','werror':'foo'}",
                    "{'driver':'scsi-hd','drive':'n','min_io_size':'x'}",
                    "{'driver':'scsi-hd','drive':'n','id':'a','logical_block_size':513}",
                    "{'driver':'scsi-hd','drive':'n','id':'a','logical_block_size':64}",
                    "{'driver':'scsi-hd','drive':'n','logical_block_size':4096}",
                    "{'driver':'scsi-hd','drive':'n','id':'a','scsi-id':1,'serial':5}",
                    "{'driver':'scsi-hd','drive':'n','id':'a'}",
                    "{'driver':'scsi-hd','drive':'n','id':'b'}",
                    "{'driver':'scsi-hd','drive':'d','id':'b','scsi-id':1,'lun':0}",
                    "{'driver':'scsi-hd','drive':'d','id':'b'}",
                    "{'driver':'scsi-hd','drive':'d','id':'c'}",
                    "{'driver':'virtio-scsi-pci','addr':'3.0'}",
                    "{'driver':'virtio-scsi-pci','addr':'3'}",
                    "{'driver':'virtio-scsi-pci','addr':'20'}",
                    "{'driver':'scsi-cd','bus':'scsi.0'}",
                ]
        )
        {
            _ = pair.Do("device_add", device);
        }
        _ = pair.Do("query-block");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'a','name':'x'}");
        _ = pair.Do("block_resize", "{'device':'a','size':2097152}");
        _ = pair.Do("blockdev-del", "{'node-name':'n'}");
        _ = pair.Do("device_del", "{'id':'nope'}");
        Info(pair);
        pair.CompareEvents();
    }

    [Fact]
    public void A_device_goes_with_its_drive()
    {
        using var pair = DaemonPair.Machines([.. Scsi, "-drive", "if=none,id=d,driver=null-co"]);
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'n'}");
        _ = pair.Do("device_add", "{'driver':'scsi-hd','drive':'n','id':'a'}");
        _ = pair.Do("device_add", "{'driver':'scsi-hd','drive':'d','id':'b'}");
        _ = pair.Do("device_del", "{'id':'a'}");
        pair.WaitEvent("DEVICE_DELETED", "a");
        _ = pair.Do("blockdev-del", "{'node-name':'n'}");
        _ = pair.Do("device_del", "{'id':'/machine/peripheral/b'}");
        pair.WaitEvent("DEVICE_DELETED", "b");
        _ = pair.Do("query-block");
        _ = pair.Do("query-named-block-nodes");
        _ = pair.Do("device_del", "{'id':'s'}");
        _ = pair.Do("device_del", "{'id':'s'}");
        pair.CompareEvents();
    }

    [Fact]
    public void Trays_and_media_move_as_there()
    {
        using var pair = DaemonPair.Machines([
            .. Scsi,
            "-device",
            "ide-cd,id=cd",
            "-drive",
            "if=none,id=e,media=cdrom",
            "-device",
            "scsi-cd,drive=e",
            "-drive",
            "if=floppy",
            "-drive",
            "if=none,id=free,driver=null-co",
            "-blockdev",
            "null-co,node-name=h",
            "-device",
            "scsi-hd,drive=h,id=hd",
        ]);
        pair.Image("m.img");
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'ro','read-only':true}");
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'rw'}");
        foreach (
            var (command, arguments) in ((string, string)[])
                [
                    ("blockdev-insert-medium", "{'id':'cd','node-name':'ro'}"),
                    ("blockdev-open-tray", "{'id':'cd'}"),
                    ("blockdev-open-tray", "{'id':'cd','force':true}"),
                    ("blockdev-insert-medium", "{'id':'cd','node-name':'nope'}"),
                    ("blockdev-insert-medium", "{'id':'cd','node-name':'h'}"),
                    ("blockdev-insert-medium", "{'id':'cd','node-name':'ro'}"),
                    ("blockdev-insert-medium", "{'id':'cd','node-name':'rw'}"),
                    ("blockdev-close-tray", "{'id':'cd'}"),
                    ("blockdev-remove-medium", "{'id':'cd'}"),
                    ("eject", "{'id':'cd'}"),
                    ("eject", "{'id':'cd'}"),
                    ("blockdev-remove-medium", "{'id':'cd'}"),
                    ("blockdev-change-medium", "{'id':'cd','filename':'nope.img'}"),
                    ("blockdev-change-medium", "{'id':'cd','filename':'m.img','format':'qcow2','read-only-mode':'bogus'}"),
                    ("blockdev-change-medium", "{'id':'cd','filename':'m.img','format':'qcow2','read-only-mode':'read-only'}"),
                    ("blockdev-change-medium", "{'device':'e','filename':'m.img','format':'qcow2'}"),
                    ("eject", "{'device':'e','id':'cd'}"),
                    ("eject", "{}"),
                    ("eject", "{'device':'nope'}"),
                    ("eject", "{'id':'nope'}"),
                    ("eject", "{'device':'e'}"),
                    ("eject", "{'device':'floppy0'}"),
                    ("blockdev-change-medium", "{'device':'floppy0','filename':'m.img','format':'qcow2'}"),
                    ("blockdev-open-tray", "{'id':'hd'}"),
                    ("eject", "{'id':'hd'}"),
                    ("eject", "{'device':'free'}"),
                    ("device_del", "{'id':'cd'}"),
                    ("block_set_io_throttle", "{'device':'free','bps':1,'bps_rd':0,'bps_wr':0,'iops':0,'iops_rd':0,'iops_wr':0}"),
                ]
        )
        {
            _ = pair.Do(command, arguments);
            _ = pair.Do("query-block");
        }
        Info(pair);
        pair.CompareEvents();
    }

    [Fact]
    public void Commands_say_that_a_drive_is_empty()
    {
        using var pair = DaemonPair.Machines([.. Pc, "-drive", "if=none,id=e", "-blockdev", "null-co,node-name=n"]);
        foreach (
            var (command, arguments) in ((string, string)[])
                [
                    ("block-dirty-bitmap-add", "{'node':'e','name':'b'}"),
                    ("block-dirty-bitmap-clear", "{'node':'e','name':'b'}"),
                    ("blockdev-backup", "{'device':'e','target':'n','sync':'full'}"),
                    ("blockdev-backup", "{'device':'n','target':'e','sync':'full','job-id':'j'}"),
                    ("drive-backup", "{'device':'e','target':'x.img','sync':'full'}"),
                    ("blockdev-mirror", "{'device':'e','target':'n','sync':'full'}"),
                    ("drive-mirror", "{'device':'e','target':'x.img','sync':'full'}"),
                    ("block-commit", "{'device':'e'}"),
                    ("block-stream", "{'device':'e'}"),
                    ("block_resize", "{'device':'e','size':1048576}"),
                    ("blockdev-snapshot", "{'node':'e','overlay':'n'}"),
                    ("blockdev-snapshot-sync", "{'device':'e','snapshot-file':'x.img'}"),
                    ("blockdev-snapshot-internal-sync", "{'device':'e','name':'s'}"),
                    ("blockdev-snapshot-delete-internal-sync", "{'device':'e','name':'s'}"),
                    ("change-backing-file", "{'device':'e','image-node-name':'n','backing-file':'x'}"),
                    ("x-blockdev-change", "{'parent':'e','child':'c'}"),
                    ("blockdev-reopen", "{'options':[{'driver':'null-co','node-name':'e'}]}"),
                    ("nbd-server-start", "{'addr':{'type':'unix','data':{'path':'nbd.sock'}}}"),
                    ("block-export-add", "{'type':'nbd','id':'x','node-name':'e'}"),
                    ("nbd-server-add", "{'device':'e'}"),
                    ("block-set-write-threshold", "{'node-name':'e','write-threshold':5}"),
                    ("x-debug-block-dirty-bitmap-sha256", "{'node':'e','name':'b'}"),
                    ("blockdev-add", "{'driver':'raw','node-name':'r','file':'e'}"),
                    ("blockdev-add", "{'driver':'null-co','node-name':'e'}"),
                    ("blockdev-del", "{'node-name':'e'}"),
                ]
        )
        {
            _ = pair.Do(command, arguments);
        }
        _ = pair.Do("query-block");
        Info(pair);
    }

    [Fact]
    public void A_medium_that_a_job_has_stays_in()
    {
        using var pair = DaemonPair.Machines([.. Pc, "-device", "ide-cd,id=cd"]);
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'m','size':67108864,'read-zeroes':true}");
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'t','size':67108864}");
        _ = pair.Do("blockdev-open-tray", "{'id':'cd'}");
        _ = pair.Do("blockdev-insert-medium", "{'id':'cd','node-name':'m'}");
        _ = pair.Do("blockdev-backup", "{'job-id':'j','device':'m','target':'t','sync':'full','speed':1}");
        _ = pair.Do("eject", "{'id':'cd'}");
        _ = pair.Do("block-job-cancel", "{'device':'j','force':true}");
    }

    [Fact]
    public void Bounds_and_histograms_of_drives_are_told_and_checked()
    {
        const string None = "'bps':0,'bps_rd':0,'bps_wr':0,'iops':0,'iops_rd':0,'iops_wr':0";
        using var pair = DaemonPair.Machines([
            .. Scsi,
            "-object",
            "throttle-group,id=tg,x-iops-total=5",
            "-blockdev",
            "null-co,node-name=n",
            "-device",
            "scsi-hd,drive=n,id=h",
            "-device",
            "scsi-cd,id=c",
            "-drive",
            "if=none,id=q,driver=null-co,throttling.group=tg,throttling.iops-total=7",
            "-device",
            "virtio-blk-pci,drive=q,id=v",
            "-drive",
            "if=none,id=old,driver=null-co,bps_rd=512,iops_wr=9",
        ]);
        _ = pair.Do("query-block");
        foreach (
            var bounds in (string[])
                [
                    $"'id':'c',{None}",
                    $"'id':'nope',{None}",
                    $"'id':'v',{None}",
                    $"'id':'h',{None.Replace("'bps':0", "'bps':-1", StringComparison.Ordinal)}",
                    $"'id':'h',{None},'bps_max':1",
                    $"'id':'h',{None},'iops_size':1",
                    $"'id':'h',{None.Replace("'bps':0", "'bps':1000", StringComparison.Ordinal)},'bps_max':500",
                    $"'id':'h',{None.Replace("'bps':0", "'bps':1000", StringComparison.Ordinal)},'bps_max':2000,'bps_max_length':3,'group':'tg'",
                    $"'id':'/machine/peripheral/v/virtio-backend',{None.Replace("'iops':0", "'iops':3", StringComparison.Ordinal)},'iops_size':4096,'group':'new'",
                    $"'device':'old',{None}",
                ]
        )
        {
            _ = pair.Do("block_set_io_throttle", $"{{{bounds}}}");
            _ = pair.Do("query-block");
        }
        _ = pair.Do("qom-get", "{'path':'/objects/tg','property':'limits'}");
        _ = pair.Do("object-add", "{'qom-type':'throttle-group','id':'new'}");
        _ = pair.Do("object-del", "{'id':'tg'}");
        _ = pair.Do("block_set_io_throttle", $"{{'id':'h',{None}}}");
        _ = pair.Do("object-del", "{'id':'tg'}");
        Info(pair);
        foreach (
            var boundaries in (string[])
                [
                    "'boundaries':[10,5]",
                    "'boundaries-read':[0]",
                    "'boundaries-write':[3,3]",
                    "'boundaries':[10,100],'boundaries-flush':[7]",
                    "'boundaries-read':[1,2,3]",
                ]
        )
        {
            _ = pair.Do("block-latency-histogram-set", $"{{'id':'h',{boundaries}}}");
            _ = pair.Do("query-blockstats");
        }
        _ = pair.Do("block-latency-histogram-set", "{'id':'h'}");
        _ = pair.Do("block-latency-histogram-set", "{'id':'v','boundaries':[1]}");
        _ = pair.Do("query-blockstats");
    }

    [Fact]
    public void Devices_are_objects_with_properties()
    {
        using var pair = DaemonPair.Machines([
            .. Scsi,
            "-drive",
            "if=none,id=d,driver=null-co",
            "-device",
            "virtio-blk-pci,drive=d,id=v",
            "-blockdev",
            "null-co,node-name=n",
            "-device",
            "scsi-hd,drive=n,id=h,share-rw=on",
        ]);
        foreach (
            var (path, property) in ((string, string)[])
                [
                    ("/machine", "type"),
                    ("/machine", "peripheral"),
                    ("/machine", "nope"),
                    ("/machine/peripheral", "v"),
                    ("v", "type"),
                    ("v", "virtio-backend"),
                    ("v", "drive"),
                    ("v/virtio-backend", "drive"),
                    ("v/virtio-backend", "type"),
                    ("v", "realized"),
                    ("v", "hotplugged"),
                    ("v", "bootindex"),
                    ("v", "serial"),
                    ("v", "werror"),
                    ("v", "nope"),
                    ("virtio-backend", "drive"),
                    ("h", "share-rw"),
                    ("h", "drive"),
                    ("nope", "drive"),
                ]
        )
        {
            _ = pair.Do("qom-get", $"{{'path':'{path}','property':'{property}'}}");
        }
        _ = pair.Do("qom-list", "{'path':'virtio-backend'}");
        _ = pair.Do("qom-list", "{'path':'/machine/peripheral/h/nope'}");
        _ = pair.Do("qom-set", "{'path':'h','property':'share-rw','value':false}");
        _ = pair.Do("qom-set", "{'path':'h','property':'type','value':'x'}");
        _ = pair.Do("qom-set", "{'path':'h','property':'nope','value':'x'}");
        _ = pair.Do("device-list-properties", "{'typename':'nope'}");
        _ = pair.Do("device-list-properties", "{'typename':'iothread'}");
    }

    [Fact]
    public void Monitors_reach_drives_by_their_devices()
    {
        using var pair = DaemonPair.Machines([
            .. Scsi,
            "-drive",
            "if=none,id=d,driver=null-co,size=1M",
            "-device",
            "virtio-blk-pci,drive=d,id=v",
            "-blockdev",
            "null-co,node-name=n,size=1048576",
            "-device",
            "scsi-hd,drive=n,id=h",
        ]);
        foreach (
            var line in (string[])
                [
                    "qemu-io -d h \\\"read -q 0 512\\\"",
                    "qemu-io -d v \\\"read -q 0 512\\\"",
                    "qemu-io -d /machine/peripheral/v/virtio-backend \\\"write -q 0 512\\\"",
                    "qemu-io -d nope \\\"read -q 0 512\\\"",
                    "qemu-io n \\\"write -q 0 512\\\"",
                    "qemu-io -d",
                ]
        )
        {
            _ = pair.Do("human-monitor-command", $"{{'command-line':\"{line}\"}}");
        }
    }

    private static void Info(DaemonPair pair) => _ = pair.Do("human-monitor-command", "{'command-line':'info block'}");
}
