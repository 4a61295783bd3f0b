using Tidemark.Cli.Meta;

namespace Tidemark.Cli.Machine;

/// <summary>What qemu-system-x86_64 -help and -version print.</summary>
internal static class MachineHelp
{
    /// <summary>The version.</summary>
    public static void PrintVersion(TextWriter output)
    {
        output.WriteLine($"QEMU emulator version {VersionTool.CompatibleRelease} (Tidemark)");
        output.WriteLine("Copyright (c) 2026 The Tidemark authors");
    }

    /// <summary>The help.</summary>
    public static void Print(TextWriter output) =>
        output.Write(
            """
            Usage: qemu-system-x86_64 [options]
            A machine without a guest: it has disks with dirty bitmaps, takes commands over QMP, and migrates.

              -machine pc | q35 | none what the machine is built from (help: all types); -M is the same
              -nodefaults              no drives but those that are asked for
              -drive [file=FILE][,if=ide|virtio|floppy|none][,id=ID][,format=FORMAT][,node-name=NAME][,media=cdrom]
                         [,werror=stop|report|ignore|enospc][,throttling.iops-total=N][,snapshot=on][,OPTION=VALUE...]
                         a drive of the machine, with a device unless if=none
              -hda FILE, -hdb, -hdc, -hdd, -cdrom, -fda, -fdb
                         the same for usual places; a FILE alone is -hda
              -device MODEL,drive=ID[,id=ID][,bus=BUS][,PROPERTY=VALUE...]
                         a device for a drive or node: virtio-blk-pci, scsi-hd, scsi-cd, ide-hd, ide-cd, floppy, usb-storage,
                         nvme; or a controller: virtio-scsi-pci, ich9-ahci, isa-fdc, qemu-xhci
              -snapshot                what is written is lost in the end
              -blockdev [driver=]DRIVER,node-name=NAME[,OPTION=VALUE...]
                         a node that disks, jobs and exports may use; JSON will do as well
              -object secret,id=ID,file=PATH
                         an object that options and commands refer to

              -qmp unix:PATH,server=on,wait=off
              -qmp tcp:HOST:PORT,server=on,wait=off
              -qmp stdio
                         take QMP commands there; -qmp-pretty writes the answers for people
              -chardev socket,id=ID,path=PATH,server=on,wait=off
              -mon chardev=ID,mode=control[,pretty=on]
                         the same in two steps

              -S                       wait for the command "cont"
              -incoming defer          wait for a migration; the command migrate-incoming says from where
              -incoming tcp:HOST:PORT | unix:PATH | fd:NUMBER | exec:COMMAND | file:PATH[,offset=N]
              -name NAME, -uuid UUID   what query-name and query-uuid tell
              -pidfile PATH, -daemonize

            Options about a guest's processors, memory and screen are taken and mean nothing. Nothing drives the devices,
            but the command x-tidemark-guest-request sends requests in the guest's place. The human monitor is to be had
            by the command human-monitor-command: qemu-io and info.

            """
        );
}
