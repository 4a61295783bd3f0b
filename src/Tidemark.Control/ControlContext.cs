using Tidemark.Block.Graph;
using Tidemark.Control.Events;
using Tidemark.Control.Fleecing;
using Tidemark.Control.Machine;
using Tidemark.Control.Objects;
using Tidemark.Control.Schema;
using Tidemark.Core.Async;
using Tidemark.Core.Schema;
using Tidemark.Exports;
using Tidemark.Jobs;
using Tidemark.Qmp.Events;

namespace Tidemark.Control;

/// <summary>All that commands act upon, and the schema's parts that depend on what this process has. One for each graph; on its loop.</summary>
public sealed class ControlContext
{
    /// <summary>A context over <paramref name="graph"/>, which the caller disposes after <see cref="ShutDownAsync"/>.</summary>
    public ControlContext(BlockGraph graph)
    {
        Graph = graph;
        Exports = new ExportRegistry(graph);
        Objects = new ObjectRegistry(graph);
        Events = new QmpEventHub(graph.Loop.Time);
        Fleecing = new FleecingRegistry(graph, Events);
        Exports.Deleted = id => BlockExportDeleted.Publish(Events, id);
        Jobs.Observer = new JobEvents(Events);
        graph.ReportCorruption = damage => BlockImageCorrupted.Publish(Events, damage);
        graph.ReportWriteThreshold = (node, threshold, exceeded) =>
            BlockWriteThreshold.Publish(Events, node.Name, threshold, exceeded);
        Definitions.Define(BlockdevOptionsCodec.Name, new BlockdevOptionsCodec(graph.Drivers));
        Definitions.Define(BlockdevAmendOptionsCodec.Name, new BlockdevAmendOptionsCodec(graph.Drivers));
        Definitions.Define(BlockdevCreateOptionsCodec.Name, new BlockdevCreateOptionsCodec(graph.Drivers));
    }

    /// <summary>The nodes.</summary>
    public BlockGraph Graph { get; }

    /// <summary>What is offered to the world.</summary>
    public ExportRegistry Exports { get; }

    /// <summary>The jobs.</summary>
    public JobRegistry Jobs { get; } = new();

    /// <summary>Secrets, threads and throttle groups that users made.</summary>
    public ObjectRegistry Objects { get; }

    /// <summary>The machine that the disks belong to, where there is one: the storage daemon has none.</summary>
    public GuestlessMachine? Machine { get; internal set; }

    /// <summary>
    /// Held while a transaction may still be undone. Commands take turns anyway; a migration, which does not, takes bitmaps and
    /// images only in between.
    /// </summary>
    internal LoopMutex Transactions { get; } = new();

    /// <summary>Does something while no transaction may still be undone.</summary>
    internal async ValueTask BetweenTransactionsAsync(Func<ValueTask> work)
    {
        await Transactions.EnterAsync();
        try
        {
            await work();
        }
        finally
        {
            Transactions.Exit();
        }
    }

    /// <summary>The disks that are being fleeced.</summary>
    internal FleecingRegistry Fleecing { get; }

    /// <summary>Where events go.</summary>
    public QmpEventHub Events { get; }

    /// <summary>The daemon's command-line options that do what a command does.</summary>
    public CommandLineOptions Options => new(this);

    /// <summary>What late members of the schema refer to.</summary>
    public SchemaDefinitions Definitions { get; } = new();

    /// <summary>
    /// Ends exports and jobs, with their events, as "quit" does before its reply. Nothing is left that uses the graph's nodes.
    /// </summary>
    public async ValueTask ShutDownAsync()
    {
        await Exports.CloseAllAsync();
        await Jobs.CancelAllAsync();
    }
}
