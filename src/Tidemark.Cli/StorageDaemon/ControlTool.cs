using Tidemark.Cli.Options;
using Tidemark.Cli.Session;
using Tidemark.Cli.Terminal;
using Tidemark.Core.Errors;
using Tidemark.Io;
using Tidemark.Io.Contract;
using Tidemark.Io.Loop;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>
/// A tool that stays and takes commands over QMP: reads the command line, goes to the background if asked to, and runs a
/// <see cref="ControlProcess"/> on a loop of its own until that has ended.
/// </summary>
internal abstract class ControlTool : ICommandLineTool
{
    public abstract string Name { get; }

    public string Usage => "[OPTIONS]";

    public abstract string Summary { get; }

    public bool IsDropIn => true;

    public int Run(string[] arguments, ToolConsole console)
    {
        try
        {
            var options = Parse(arguments);
            if (options.Has("help"))
            {
                PrintHelp(console);
                return 0;
            }
            if (options.Has("version"))
            {
                PrintVersion(console);
                return 0;
            }
            var detachment = Detachment.Inherited();
            return options.Has("daemonize") && detachment is null
                ? Detachment.Launch([Name, .. arguments])
                : Serve(options, console, detachment);
        }
        catch (HelpPrintedException)
        {
            return 0;
        }
        catch (UsageException error)
        {
            ToolSession.Report(console, error.Message, hint: null);
            return 1;
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

    /// <summary>The command line taken apart. Throws <see cref="UsageException"/>.</summary>
    protected abstract ParsedOptions Parse(string[] arguments);

    /// <summary>What --help prints.</summary>
    protected abstract void PrintHelp(ToolConsole console);

    /// <summary>What --version prints.</summary>
    protected abstract void PrintVersion(ToolConsole console);

    /// <summary>The process, with no option carried out yet. <paramref name="isDetached"/>: it will have no terminal.</summary>
    protected abstract ControlProcess Create(IoEngine engine, ToolConsole console, bool isDetached);

    private int Serve(ParsedOptions options, ToolConsole console, Detachment? detachment)
    {
        using var loop = new EventLoop();
        var exitCode = 0;
        loop.Run(async () =>
        {
            await using var engine = IoEngines.CreateDefault(loop);
            await using var process = Create(engine, console, isDetached: options.Has("daemonize"));
            using var signals = new StopSignals(loop, process.RequestStop);
            await process.SetUpAsync(options);
            await using var pidFile = options.Get("pidfile") is { } path ? await PidFile.CreateAsync(engine, path) : null;
            console.Flush();
            detachment?.Complete();
            await process.ServeAsync();
            exitCode = process.ExitCode;
        });
        return exitCode;
    }
}
