using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Cli.Terminal;
using Tidemark.Core.Errors;
using Tidemark.Drivers;
using Tidemark.Io;
using Tidemark.Io.Loop;

namespace Tidemark.Cli.Session;

/// <summary>A short command's world: a loop on the calling thread, an engine, and an empty graph; errors become messages and exit codes.</summary>
internal static class ToolSession
{
    /// <summary>Runs <paramref name="work"/> and returns its exit code, 1 after an error.</summary>
    public static int Run(ToolConsole console, Func<BlockGraph, Task<int>> work)
    {
        var exitCode = 1;
        using var loop = new EventLoop();
        try
        {
            loop.Run(async () =>
            {
                await using var engine = IoEngines.CreateDefault(loop);
                await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry())
                {
                    Warn = line =>
                    {
                        console.Out.Flush();
                        console.Error.WriteLine($"{console.ProgramName}: {line}");
                    },
                    Tell = line =>
                    {
                        console.Out.Flush();
                        console.Error.WriteLine(line);
                    },
                };
                exitCode = await work(graph);
            });
        }
        catch (BlockException error)
        {
            Report(console, error.Message, error.Hint);
        }
        catch (CommandException error)
        {
            Report(console, error.Message, hint: null);
            exitCode = error.ExitCode;
        }
        return exitCode;
    }

    /// <summary>"qemu-img: message", and the hint in a line of its own.</summary>
    public static void Report(ToolConsole console, string message, string? hint)
    {
        console.Out.Flush();
        console.Error.WriteLine($"{console.ProgramName}: {message}");
        if (hint is not null)
        {
            console.Error.WriteLine(hint);
        }
    }
}
