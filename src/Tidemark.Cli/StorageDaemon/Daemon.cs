using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Cli.Session;
using Tidemark.Cli.StorageDaemon.Chardevs;
using Tidemark.Cli.Terminal;
using Tidemark.Control;
using Tidemark.Core.Async;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Wire;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>
/// The daemon: a graph, what commands act upon, and the monitors that take them. First every option of the command line is
/// carried out (Daemon.Options), then it serves until a signal or "quit", then all is ended in good order.
/// </summary>
internal sealed partial class Daemon : IAsyncDisposable
{
    private readonly IoEngine engine;
    private readonly ToolConsole console;
    private readonly bool isDetached;
    private readonly BlockGraph graph;
    private readonly ControlContext context;
    private readonly QmpDispatcher dispatcher;
    private readonly Dictionary<string, Chardev> chardevs = new(StringComparer.Ordinal);
    private readonly List<QmpMonitor> monitors = [];
    private readonly LoopSignal stopRequested = new();
    private ServerChardev? waitingFor;
    private bool stopping;

    /// <summary>An empty daemon. <paramref name="isDetached"/>: it will have no terminal.</summary>
    public Daemon(IoEngine engine, ToolConsole console, bool isDetached)
    {
        (this.engine, this.console, this.isDetached) = (engine, console, isDetached);
        graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry())
        {
            Warn = Complain,
            Tell = console.Error.WriteLine,
            Announce = Announce,
        };
        context = new ControlContext(graph);
        context.Exports.HoldsClients = true;
        dispatcher = new QmpDispatcher(BuiltinCommands.CreateTable(context, QuitAsync)) { ReportFault = Complain };
        dispatcher.Table.Add(new QueryChardev(chardevs.Values));
    }

    /// <summary>A signal: ends <see cref="ServeAsync"/>, or the wait for a first client.</summary>
    public void RequestStop()
    {
        stopping = true;
        stopRequested.Wake();
        waitingFor?.StopWaiting();
    }

    /// <summary>Serves until a signal or "quit", then ends exports and jobs and lets the monitors send their last replies.</summary>
    public async Task ServeAsync()
    {
        context.Exports.HoldsClients = false;
        var running = monitors.ConvertAll(static m => m.RunAsync());
        while (!stopping)
        {
            await stopRequested.WaitAsync();
        }
        await context.ShutDownAsync();
        foreach (var monitor in monitors)
        {
            monitor.Stop();
        }
        await CloseChardevsAsync();
        await Task.WhenAll(running);
    }

    /// <summary>Closes everything, storing what is to be kept.</summary>
    public async ValueTask DisposeAsync()
    {
        await context.ShutDownAsync();
        await CloseChardevsAsync();
        await graph.DisposeAsync();
    }

    private async ValueTask QuitAsync()
    {
        await context.ShutDownAsync();
        RequestStop();
    }

    private async ValueTask CloseChardevsAsync()
    {
        foreach (var chardev in chardevs.Values)
        {
            await chardev.DisposeAsync();
        }
        chardevs.Clear();
    }

    private void Announce(string line)
    {
        console.Out.WriteLine(line);
        console.Out.Flush();
    }

    private void Complain(string line) => ToolSession.Report(console, line, hint: null);
}
