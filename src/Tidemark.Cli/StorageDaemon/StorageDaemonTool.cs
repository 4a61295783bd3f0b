using Tidemark.Cli.Options;
using Tidemark.Cli.Session;
using Tidemark.Cli.Terminal;
using Tidemark.Core.Errors;
using Tidemark.Io;
using Tidemark.Io.Loop;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>qemu-storage-daemon: serves disks, and takes commands over QMP until it is told to quit.</summary>
internal sealed class StorageDaemonTool : ICommandLineTool
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

    public string Name => "qemu-storage-daemon";

    public string Usage => "[OPTIONS]";

    public string Summary => "serve disks and take commands over QMP";

    public bool IsDropIn => true;

    public int Run(string[] arguments, ToolConsole console)
    {
        ParsedOptions options;
        try
        {
            options = Parser.Parse(arguments);
        }
        catch (UsageException error)
        {
            ToolSession.Report(console, error.Message, hint: null);
            return 1;
        }
        if (options.Has("help"))
        {
            DaemonHelp.Print(console);
            return 0;
        }
        if (options.Has("version"))
        {
            DaemonHelp.PrintVersion(console.Out);
            return 0;
        }
        var detachment = Detachment.Inherited();
        if (options.Has("daemonize") && detachment is null)
        {
            return Detachment.Launch([Name, .. arguments]);
        }
        return Serve(options, console, detachment);
    }

    private static int Serve(ParsedOptions options, ToolConsole console, Detachment? detachment)
    {
        using var loop = new EventLoop();
        try
        {
            loop.Run(async () =>
            {
                await using var engine = IoEngines.CreateDefault(loop);
                await using var daemon = new Daemon(engine, console, isDetached: options.Has("daemonize"));
                using var signals = new StopSignals(loop, daemon.RequestStop);
                foreach (var option in options.InOrder)
                {
                    await daemon.ApplyAsync(option);
                }
                await using var pidFile = options.Get("pidfile") is { } path ? await PidFile.CreateAsync(engine, path) : null;
                console.Flush();
                detachment?.Complete();
                await daemon.ServeAsync();
            });
            return 0;
        }
        catch (HelpPrintedException)
        {
            return 0;
        }
        catch (CommandException error)
        {
            ToolSession.Report(console, error.Message, hint: null);
            return error.ExitCode;
        }
        catch (BlockException error)
        {
            ToolSession.Report(console, error.Message, error.Hint);
            return 1;
        }
    }
}
