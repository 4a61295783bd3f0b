using Tidemark.Cli.Meta;

namespace Tidemark.Cli.Io;

/// <summary>What qemu-io --help and --version print.</summary>
internal static class IoHelp
{
    /// <summary>The version.</summary>
    public static void PrintVersion(TextWriter output)
    {
        output.WriteLine($"qemu-io version {VersionTool.CompatibleRelease} (Tidemark)");
        output.WriteLine("Copyright (c) 2026 The Tidemark authors");
    }

    /// <summary>The help.</summary>
    public static void Print(TextWriter output) =>
        output.Write(
            """
            Usage: qemu-io [OPTIONS]... [-c COMMAND]... [file]
            Reads and writes a disk image request by request. Without -c it asks for commands.

              -c, --cmd COMMAND      carry this command out; may be given more than once
              -f, --format FORMAT    the image's format; found out from its first bytes if left out
              -r, --read-only        open it for reading only
              -s, --snapshot         let writes go to a temporary file
              -n, --nocache          go past the page cache: -t none
              -t, --cache MODE       writethrough (default), writeback, none, directsync or unsafe
              -d, --discard MODE     unmap (default) passes discards on to the file, ignore does not
              -i, --aio MODE         what a file is asked to use: threads, native or io_uring
              -k, --native-aio       -i native
              -m, --misalign         use memory that is not aligned
              -C, --copy-on-read     is not supported
              -U, --force-share      open it although another process writes to it
                  --image-opts       the file is a list of options: driver=qcow2,file.filename=disk.qcow2
                  --object OBJECT    an object such as secret,id=s0,file=key
              -T, --trace PATTERN    events to trace; there are none, so a name is warned about
              -h, --help             this text
              -V, --version          the version

            'qemu-io -c help' lists the commands.

            Example:
              qemu-io -f qcow2 -c 'write -P 0xa5 1M 64k' -c 'read -P 0xa5 1M 64k' -c map disk.qcow2

            """
        );
}
