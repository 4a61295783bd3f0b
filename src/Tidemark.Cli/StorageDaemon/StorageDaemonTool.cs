using Tidemark.Cli.Options;
using Tidemark.Cli.Terminal;
using Tidemark.Io.Contract;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>qemu-storage-daemon: serves disks, and takes commands over QMP until it is told to quit.</summary>
internal sealed class StorageDaemonTool : ControlTool
{
    private static readonly OptionParser Parser = new(
        OptionWording.Library,
        [
            .. new[]
            {
                "h|help",
                "V|version",
                "T|trace=",
                "blockdev=",
                "chardev=",
                "daemonize",
                "export=",
                "monitor=",
                "nbd-server=",
                "object=",
                "pidfile=",
            }.Select(OptionSpec.Describe),
        ]
    )
    {
        KeepsOperandsInOrder = true,
    };

    public override string Name => "qemu-storage-daemon";

    public override string Summary => "serve disks and take commands over QMP";

    protected override ParsedOptions Parse(string[] arguments) => Parser.Parse(arguments);

    protected override void PrintHelp(ToolConsole console) => DaemonHelp.Print(console);

    protected override void PrintVersion(ToolConsole console) => DaemonHelp.PrintVersion(console.Out);

    protected override ControlProcess Create(IoEngine engine, ToolConsole console, bool isDetached) =>
        new Daemon(engine, console, isDetached);
}
