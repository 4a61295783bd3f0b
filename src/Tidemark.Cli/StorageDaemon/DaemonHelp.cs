using Tidemark.Cli.Meta;
using Tidemark.Cli.Terminal;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>What qemu-storage-daemon --help and --version print.</summary>
internal static class DaemonHelp
{
    /// <summary>The version.</summary>
    public static void PrintVersion(TextWriter output)
    {
        output.WriteLine($"qemu-storage-daemon version {VersionTool.CompatibleRelease} (Tidemark)");
        output.WriteLine("Copyright (c) 2026 The Tidemark authors");
    }

    /// <summary>The help.</summary>
    public static void Print(ToolConsole console) =>
        console.Out.Write(
            """
            Usage: qemu-storage-daemon [options]
            Serves disks over NBD, keeps track of their changes, runs backups; takes commands over QMP.

              -h, --help             this text
              -V, --version          the version
              -T, --trace PATTERN    events to trace; there are none, so a name that is asked for is warned about

            Options are carried out in the order given, so name a thing before what uses it.

              --blockdev [driver=]DRIVER,node-name=NAME[,read-only=on|off][,OPTION=VALUE...]
                         open a disk, as the command blockdev-add does; JSON will do as well
                           --blockdev file,node-name=f,filename=disk.qcow2
                           --blockdev qcow2,node-name=disk,file=f

              --chardev socket,id=ID,path=PATH[,server=on[,wait=off]]
              --chardev socket,id=ID,host=HOST,port=PORT[,server=on[,wait=off]]
              --chardev socket,id=ID,fd=DESCRIPTOR[,server=on[,wait=off]]
              --chardev stdio,id=ID
                         where a monitor's clients come from. With server=on the start waits for the first
                         client unless wait=off; without it the daemon connects by itself, and again every
                         N seconds with reconnect=N

              --monitor [chardev=]ID[,pretty=on|off]
                         take QMP commands there; may be given more than once

              --nbd-server addr.type=unix,addr.path=PATH[,max-connections=N]
              --nbd-server addr.type=inet,addr.host=HOST,addr.port=PORT[,max-connections=N]
              --nbd-server addr.type=fd,addr.str=DESCRIPTOR[,max-connections=N]
                         listen for NBD clients; a descriptor is a listening socket handed over by
                         whoever started the daemon (systemd's first one is 3)

              --export [type=]nbd,id=ID,node-name=NAME[,name=EXPORT][,writable=on|off][,bitmaps.0=BITMAP]
                         offer a disk to NBD clients

              --object secret,id=ID,file=PATH
              --object iothread,id=ID
                         an object that options and commands refer to; "--object help" lists the kinds

              --pidfile PATH         write the process's number there once it is up
              --daemonize            go into the background once it is up

            SIGTERM, SIGINT, SIGHUP and the command quit end it in good order: exports and jobs are ended,
            bitmaps stored, images closed.

            Example:
              qemu-storage-daemon --blockdev file,node-name=f,filename=disk.qcow2 \
                --blockdev qcow2,node-name=disk,file=f \
                --nbd-server addr.type=unix,addr.path=/run/nbd.sock \
                --export nbd,id=e,node-name=disk,writable=on \
                --chardev socket,id=c,path=/run/qmp.sock,server=on,wait=off --monitor c

            """
        );
}
