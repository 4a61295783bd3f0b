using System.Runtime.InteropServices;
using Tidemark.Cli.Terminal;
using Tidemark.Core.Errors;
using Tidemark.Io;
using Tidemark.Io.Loop;
using Tidemark.Qmp.Errors;

namespace Tidemark.Cli.Demo;

/// <summary>`tidemark demo`: the main job on a real disk, from an empty folder to a table of proofs.</summary>
internal sealed class DemoTool : ICommandLineTool
{
    // Marks a folder as one that an earlier demo made and the next may replace.
    private const string Marker = ".tidemark-demo";

    /// <inheritdoc/>
    public string Name => "demo";

    /// <inheritdoc/>
    public string Usage => "[--folder DIR]";

    /// <inheritdoc/>
    public string Summary => "serve, track, back up and restore a disk, and prove it (two minutes)";

    /// <inheritdoc/>
    public bool IsDropIn => false;

    /// <inheritdoc/>
    public int Run(string[] arguments, ToolConsole console)
    {
        if (arguments is ["--help" or "-h"])
        {
            console.Out.Write(DemoOptions.Help);
            return 0;
        }

        if (DemoOptions.Parse(arguments, out var error) is not { } options || (error = Prepare(options.Folder)) is not null)
        {
            console.Error.WriteLine($"tidemark demo: {error}");
            return 1;
        }

        using var loop = new EventLoop();
        using var stop = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        var good = false;
        try
        {
            loop.Run(async () =>
            {
                await using var engine = IoEngines.CreateDefault(loop);
                var screen = new DemoScreen(console, loop.Time, FileDescriptorWriter.IsTerminal(1), stop.Token);
                good = await new MainJob(options, engine, screen, new Judges()).RunAsync();
            });
        }
        catch (Exception failure) when (failure is BlockException or QmpException or IOException or UnauthorizedAccessException)
        {
            console.Flush();
            console.Error.WriteLine($"tidemark demo: {failure.Message}");
            console.Error.WriteLine($"What there is so far is in {options.Folder}.");
        }
        catch (OperationCanceledException)
        {
            console.Flush();
            console.Error.WriteLine($"tidemark demo: interrupted. What there is so far is in {options.Folder}.");
        }

        return good ? 0 : 1;
    }

    // The loop notices at its next step, and takes down what was put up.
    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        // A second signal ends the process where it stands.
        signal.Cancel = !stop.IsCancellationRequested;
        stop.Cancel();
    }

    /// <summary>Empties a folder that an earlier demo made, or makes it. Returns what is in the way.</summary>
    private static string? Prepare(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                if (!File.Exists(Path.Combine(folder, Marker)))
                {
                    return $"{folder} exists and was not made by a demo; name another with --folder";
                }

                Directory.Delete(folder, recursive: true);
            }

            _ = Directory.CreateDirectory(folder);
            File.WriteAllText(
                Path.Combine(folder, Marker),
                "Made by tidemark demo, which replaces this folder when it runs again.\n"
            );
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return failure.Message;
        }
    }
}
