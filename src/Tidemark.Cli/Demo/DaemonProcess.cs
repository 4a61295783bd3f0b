using System.Diagnostics;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Io.Contract;
using Tidemark.Qmp.Client;

namespace Tidemark.Cli.Demo;

/// <summary>The storage daemon, as its own process with a monitor and an NBD server on unix sockets.</summary>
internal sealed class DaemonProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly Process process;
    private readonly IoEngine engine;

    private DaemonProcess(Process process, IoEngine engine, QmpClient qmp) =>
        (this.process, this.engine, Qmp) = (process, engine, qmp);

    /// <summary>Its monitor.</summary>
    public QmpClient Qmp { get; }

    /// <summary>The process id.</summary>
    public int Id => process.Id;

    /// <summary>Starts the program and negotiates. Throws <see cref="BlockException"/> with what it said when it does not come up.</summary>
    public static async ValueTask<DaemonProcess> StartAsync(
        IoEngine engine,
        ProgramCommand program,
        string monitorPath,
        string nbdPath
    )
    {
        File.Delete(monitorPath);
        File.Delete(nbdPath);
        var started = program.Start(
            "--chardev",
            $"socket,path={monitorPath},server=on,wait=off,id=monitor",
            "--monitor",
            "chardev=monitor",
            "--nbd-server",
            $"addr.type=unix,addr.path={nbdPath}"
        );
        var said = started.StandardError.ReadToEndAsync();
        var start = engine.Time.GetTimestamp();
        while (true)
        {
            try
            {
                var channel = await engine.ConnectAsync(new SocketAddress.Unix(monitorPath), CancellationToken.None);
                return new DaemonProcess(started, engine, await QmpClient.ConnectAsync(channel));
            }
            catch (BlockException) when (!started.HasExited && engine.Time.GetElapsedTime(start) < StartLimit)
            {
                await engine.Loop.DelayAsync(Poll, CancellationToken.None);
            }
            catch (BlockException failure)
            {
                Kill(started);
                throw new BlockException(BlockErrorKind.Io, $"the daemon did not start: {(await said).Trim()}", failure);
            }
        }
    }

    /// <summary>Runs a command.</summary>
    public ValueTask<JsonValue> ExecuteAsync(string command, JsonObject arguments) => Qmp.ExecuteAsync(command, arguments);

    /// <summary>Lets it end in good order: everything that belongs in the image is stored.</summary>
    public async ValueTask QuitAsync()
    {
        _ = await Qmp.ExecuteAsync("quit");
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new BlockException(BlockErrorKind.Io, $"the daemon ended with exit code {process.ExitCode}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Qmp.DisposeAsync();
        Kill(process);
        process.Dispose();
    }

    private static void Kill(Process running)
    {
        if (!running.HasExited)
        {
            running.Kill();
        }
    }
}
