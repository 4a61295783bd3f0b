using Tidemark.Control.Commands.Bitmap;
using Tidemark.Control.Commands.Block;
using Tidemark.Control.Commands.Descriptors;
using Tidemark.Control.Commands.Device;
using Tidemark.Control.Commands.Export;
using Tidemark.Control.Commands.Fleecing;
using Tidemark.Control.Commands.Job;
using Tidemark.Control.Commands.Machine;
using Tidemark.Control.Commands.Meta;
using Tidemark.Control.Commands.Migration;
using Tidemark.Control.Commands.Qom;
using Tidemark.Control.Events;
using Tidemark.Control.Fleecing;
using Tidemark.Control.Machine;
using Tidemark.Control.Transactions;
using Tidemark.Core.Schema;
using Tidemark.Io.Contract;
using Tidemark.Jobs;
using Tidemark.Qmp.Commands;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Wire;

namespace Tidemark.Control;

/// <summary>The commands that come with Tidemark: the one list to add a new one to.</summary>
public static class BuiltinCommands
{
    /// <summary>
    /// A table of all of them over <paramref name="context"/>. <paramref name="shutDown"/> is what "quit" does before its reply:
    /// ends exports and jobs, and lets the process end once the reply is out.
    /// </summary>
    public static QmpCommandTable CreateTable(ControlContext context, Func<ValueTask> shutDown)
    {
        var table = new QmpCommandTable(context.Definitions);
        AddBlock(table, context);
        AddActions(table, context);
        AddJobs(table, context);
        AddExports(table, context);
        AddMeta(table, context, shutDown);
        AddQom(table, context);
        AddEvents(table);
        return table;
    }

    /// <summary>
    /// Adds what a machine has beyond a daemon. <paramref name="typeIn"/> runs a line of the human monitor and gives its answer.
    /// </summary>
    public static void AddMachine(QmpCommandTable table, GuestlessMachine machine, Func<string, ValueTask<string>> typeIn)
    {
        table.Add(new QueryStatus(machine));
        table.Add(new Stop(machine));
        table.Add(new Cont(machine));
        table.Add(new QueryName(machine));
        table.Add(new QueryUuid(machine));
        table.Add(new QueryMachines());
        table.Add(new QueryTarget());
        table.Add(new QueryKvm());
        table.Add(new QueryIothreads(machine.Context.Objects));
        table.Add(new HumanMonitorCommand(typeIn));
        AddDescriptors(table, machine.Context.Graph.Engine);
        table.Add(new Migrate(machine.Migration));
        table.Add(new MigrateIncoming(machine.Migration));
        table.Add(new MigrateCancel(machine.Migration));
        table.Add(new MigrateContinue(machine.Migration));
        table.Add(new MigrateStartPostcopy(machine.Migration));
        table.Add(new QueryMigrate(machine.Migration));
        table.Add(new MigrateSetCapabilities(machine.Migration));
        table.Add(new QueryMigrateCapabilities(machine.Migration));
        table.Add(new MigrateSetParameters(machine.Migration));
        table.Add(new QueryMigrateParameters(machine.Migration));
        AddDevices(table, machine);
        foreach (var definition in MachineEvents.Definitions.Concat(MigrationEvents.Definitions))
        {
            table.Add(definition);
        }
    }

    private static void AddDevices(QmpCommandTable table, GuestlessMachine machine)
    {
        table.Add(new DeviceAdd(machine));
        table.Add(new DeviceDel(machine));
        table.Add(new DeviceListProperties());
        table.Add(new Eject(machine));
        table.Add(new BlockdevOpenTray(machine));
        table.Add(new BlockdevCloseTray(machine));
        table.Add(new BlockdevInsertMedium(machine));
        table.Add(new BlockdevRemoveMedium(machine));
        table.Add(new BlockdevChangeMedium(machine));
        table.Add(new BlockSetIoThrottle(machine));
        table.Add(new BlockLatencyHistogramSet(machine));
        table.Add(new GuestRequestCommand(machine));
        table.Add(BlockIoError.Definition);
        table.Add(DeviceDeleted.Definition);
        table.Add(DeviceTrayMoved.Definition);
        table.Add(GuestRequestCompleted.Definition);
    }

    private static void AddDescriptors(QmpCommandTable table, IoEngine engine)
    {
        var passed = new PassedDescriptors { Abandoned = () => engine.Descriptors?.Sets.ForgetUnused() };
        table.Descriptors = passed;
        table.Add(new GetFd(engine, passed));
        table.Add(new CloseFd(engine));
        table.Add(new AddFd(engine, passed));
        table.Add(new RemoveFd(engine));
        table.Add(new QueryFdsets(engine));
    }

    private static void AddBlock(QmpCommandTable table, ControlContext context)
    {
        table.Add(new QueryBlock(context));
        table.Add(new QueryBlockStats(context));
        table.Add(new QueryNamedBlockNodes(context));
        table.Add(new BlockResize(context));
        table.Add(new BlockdevAdd(context));
        table.Add(new BlockdevReopen(context));
        table.Add(new BlockdevDel(context));
        table.Add(new BlockdevSetActive(context));
        table.Add(new ChangeBackingFile(context));
        table.Add(new BlockSetWriteThreshold(context));
        table.Add(new BlockdevChange(context));
        table.Add(new DebugQueryBlockGraph(context));
        table.Add(new BlockdevSnapshotDeleteInternalSync(context));
        table.Add(new DebugBitmapSha256(context));
    }

    private static void AddActions(QmpCommandTable table, ControlContext context)
    {
        var actions = new List<TransactionAction> { new AbortAction() };
        Add(new BlockDirtyBitmapAdd(), BlockDirtyBitmapAdd.Arguments.Codec);
        Add(new BlockDirtyBitmapRemove(), BitmapArguments.Codec);
        Add(new BlockDirtyBitmapClear(), BitmapArguments.Codec);
        Add(new BlockDirtyBitmapEnable(), BitmapArguments.Codec);
        Add(new BlockDirtyBitmapDisable(), BitmapArguments.Codec);
        Add(new BlockDirtyBitmapMerge(), BlockDirtyBitmapMerge.Arguments.Codec);
        Add(new FleecingStart(), FleecingArguments.Codec);
        Add(new BlockdevSnapshot(), BlockdevSnapshot.Arguments.Codec);
        Add(new BlockdevSnapshotSync(), BlockdevSnapshotSync.Arguments.Codec);
        Add(new BlockdevSnapshotInternalSync(), BlockdevSnapshotInternalSync.Arguments.Codec);
        foreach (var job in BuiltinJobs.All.Where(static job => job.IsAction))
        {
            Add(new JobAction(job), SchemaCodec.Untyped(job.Arguments));
        }
        table.Add(new TransactionCommand(context, actions));
        table.Add(new FleecingStop(context));
        table.Add(new QueryFleecing(context));

        void Add<TData>(TransactionAction<TData> action, SchemaCodec<TData> codec)
            where TData : class
        {
            actions.Add(action);
            table.Add(new ActionCommand<TData>(action, codec, context));
        }
    }

    private static void AddJobs(QmpCommandTable table, ControlContext context)
    {
        foreach (var job in BuiltinJobs.All.Where(static job => !job.IsAction))
        {
            table.Add(new JobStartCommand(job, context));
        }
        table.Add(new QueryBlockJobs(context));
        table.Add(new BlockJobSetSpeed(context));
        table.Add(new BlockJobChange(context));
        table.Add(new BlockJobCancel(context));
        table.Add(new BlockJobVerb("block-job-pause", context, static job => job.Pause(), toRest: true));
        table.Add(new BlockJobVerb("block-job-resume", context, static job => job.Resume()));
        table.Add(new BlockJobVerb("block-job-complete", context, static job => job.Complete()));
        table.Add(new BlockJobDismiss(context));
        table.Add(new BlockJobFinalize(context));
        table.Add(new QueryJobs(context));
        table.Add(new JobCommand("job-pause", context, static job => job.Pause(), toRest: true));
        table.Add(new JobCommand("job-resume", context, static job => job.Resume()));
        table.Add(new JobCommand("job-cancel", context, static job => job.Cancel(force: true), toRest: true));
        table.Add(new JobCommand("job-complete", context, static job => job.Complete()));
        table.Add(new JobCommand("job-dismiss", context, static job => job.Dismiss()));
        table.Add(new JobFinalize(context));
        table.Add(new BlockdevCreate(context));
        table.Add(new BlockdevAmend(context));
    }

    private static void AddExports(QmpCommandTable table, ControlContext context)
    {
        table.Add(new NbdServerStart(context));
        table.Add(new NbdServerAdd(context));
        table.Add(new NbdServerRemove(context));
        table.Add(new NbdServerStop(context));
        table.Add(new BlockExportAdd(context));
        table.Add(new BlockExportDel(context));
        table.Add(new QueryBlockExports(context));
    }

    private static void AddMeta(QmpCommandTable table, ControlContext context, Func<ValueTask> shutDown)
    {
        table.Add(new NegotiationDone());
        table.Add(new QueryVersion(QmpVersion.Current));
        table.Add(new QueryCommands(table));
        table.Add(new Quit(shutDown));
        table.Add(new QueryQmpSchema(table));
        table.Add(new ObjectAdd(context));
        table.Add(new ObjectDel(context));
    }

    private static void AddQom(QmpCommandTable table, ControlContext context)
    {
        table.Add(new QomList(context));
        table.Add(new QomGet(context));
        table.Add(new QomSet(context));
        table.Add(new QomListTypes());
        table.Add(new QomListProperties());
    }

    private static void AddEvents(QmpCommandTable table)
    {
        table.Add(BlockExportDeleted.Definition);
        table.Add(BlockImageCorrupted.Definition);
        table.Add(BlockWriteThreshold.Definition);
        table.Add(FleecingBroken.Definition);
        foreach (var definition in JobEvents.Definitions)
        {
            table.Add(definition);
        }
    }
}
