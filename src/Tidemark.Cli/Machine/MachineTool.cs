using Tidemark.Cli.Options;
using Tidemark.Cli.Session;
using Tidemark.Cli.StorageDaemon;
using Tidemark.Cli.Terminal;
using Tidemark.Core.Errors;
using Tidemark.Io;
using Tidemark.Io.Loop;

namespace Tidemark.Cli.Machine;

/// <summary>
/// qemu-system-x86_64: a machine without a guest, so that management software can be tried out, and bitmaps migrate to and from
/// machines that have one.
/// </summary>
internal sealed class MachineTool : ICommandLineTool
{
    // The order in which things are made, whatever the order of the options: what is named is there before what names it.
    private static readonly string[][] Phases =
    [
        ["machine", "name", "uuid"],
        ["chardev"],
        ["object"],
        ["blockdev"],
        ["drive"],
        ["mon", "monitor", "qmp", "qmp-pretty"],
    ];

    public string Name => "qemu-system-x86_64";

    public string Usage => "[OPTIONS]";

    public string Summary => "be a machine without a guest";

    public bool IsDropIn => true;

    public int Run(string[] arguments, ToolConsole console)
    {
        ParsedOptions options;
        try
        {
            options = MachineOptions.Parse(arguments);
        }
        catch (UsageException error)
        {
            ToolSession.Report(console, error.Message, hint: null);
            return 1;
        }
        if (options.Has("help"))
        {
            MachineHelp.Print(console.Out);
            return 0;
        }
        if (options.Has("version"))
        {
            MachineHelp.PrintVersion(console.Out);
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
        var exitCode = 0;
        try
        {
            loop.Run(async () =>
            {
                await using var engine = IoEngines.CreateDefault(loop);
                await using var process = new MachineProcess(engine, console, isDetached: options.Has("daemonize"));
                using var signals = new StopSignals(loop, process.RequestStop);
                await process.SetUpAsync(options, Phases);
                await using var pidFile = options.Get("pidfile") is { } path ? await PidFile.CreateAsync(engine, path) : null;
                console.Flush();
                detachment?.Complete();
                await process.ServeAsync();
                exitCode = process.ExitCode;
            });
            return exitCode;
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
