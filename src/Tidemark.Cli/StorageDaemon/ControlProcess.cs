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
/// A process that takes commands: a graph, what commands act upon, and the monitors that take them. First every option of the
/// command line is carried out (ControlProcess.Options and those who derive from this), then it serves until a signal or "quit",
/// then all is ended in good order.
/// </summary>
internal abstract partial class ControlProcess : IAsyncDisposable
{
    private readonly IoEngine engine;
    private readonly bool isDetached;
    private readonly Dictionary<string, Chardev> chardevs = new(StringComparer.Ordinal);
    private readonly List<QmpMonitor> monitors = [];
    private readonly LoopSignal stopRequested = new();
    private readonly QmpDispatcher dispatcher;
    private ServerChardev? waitingFor;

    /// <summary>An empty process. <paramref name="isDetached"/>: it will have no terminal.</summary>
    protected ControlProcess(IoEngine engine, ToolConsole console, bool isDetached)
    {
        (this.engine, Console, this.isDetached) = (engine, console, isDetached);
        Graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry())
        {
            Warn = Complain,
            Tell = console.Error.WriteLine,
            Announce = Announce,
        };
        Context = new ControlContext(Graph);
        Context.Exports.HoldsClients = true;
        Commands = BuiltinCommands.CreateTable(Context, QuitAsync);
        Commands.Add(new QueryChardev(chardevs.Values));
        dispatcher = new QmpDispatcher(Commands) { ReportFault = Complain };
    }

    /// <summary>What the process is to end with.</summary>
    public int ExitCode { get; protected set; }

    /// <summary>Whether the end has begun.</summary>
    protected bool IsStopping { get; private set; }

    /// <summary>Where lines for people go.</summary>
    protected ToolConsole Console { get; }

    /// <summary>The nodes.</summary>
    protected BlockGraph Graph { get; }

    /// <summary>What commands act upon.</summary>
    protected ControlContext Context { get; }

    /// <summary>The commands there are.</summary>
    protected QmpCommandTable Commands { get; }

    /// <summary>A signal: ends <see cref="ServeAsync"/>, or the wait for a first client.</summary>
    public virtual void RequestStop()
    {
        IsStopping = true;
        stopRequested.Wake();
        waitingFor?.StopWaiting();
    }

    /// <summary>Serves until a signal or "quit", then ends exports and jobs and lets the monitors send their last replies.</summary>
    public async Task ServeAsync()
    {
        engine.TakesInherited = false;
        Context.Exports.HoldsClients = false;
        var running = monitors.ConvertAll(static m => m.RunAsync());
        while (!IsStopping)
        {
            await stopRequested.WaitAsync();
        }
        await ShutDownAsync();
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
        await ShutDownAsync();
        await CloseChardevsAsync();
        await Graph.DisposeAsync();
    }

    /// <summary>The command "quit", before its reply.</summary>
    protected virtual async ValueTask QuitAsync()
    {
        await ShutDownAsync();
        RequestStop();
    }

    /// <summary>Ends all that uses the graph. May be called again.</summary>
    protected virtual ValueTask ShutDownAsync() => Context.ShutDownAsync();

    /// <summary>A line on standard error, behind the program's name.</summary>
    protected void Complain(string line) => ToolSession.Report(Console, line, hint: null);

    private void Announce(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    private async ValueTask CloseChardevsAsync()
    {
        foreach (var chardev in chardevs.Values)
        {
            await chardev.DisposeAsync();
        }
        chardevs.Clear();
    }
}
