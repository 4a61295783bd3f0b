using Tidemark.Block.Graph;
using Tidemark.Control;
using Tidemark.Control.Machine;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;
using Tidemark.Jobs;
using Tidemark.Qmp.Client;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;
using Tidemark.Qmp.Wire;
using Tidemark.Testing;

namespace Tidemark.Simulation.Tests;

/// <summary>
/// One daemon from start to end: the product's own graph, commands, monitor and NBD server; guests over NBD, an operator over QMP.
/// </summary>
internal sealed partial class Life(Round round, Arrival? arrival = null) : IJobObserver
{
    private readonly List<Guest> guests = [];
    private readonly List<Task> working = [];
    private readonly Dictionary<string, Action> onCreated = [];
    private IJobObserver? inner;
    private QmpClient? client;
    private Task left = Task.CompletedTask;
    private Exception? broken;
    private bool mayCrash = arrival is null && round.Chance(2);

    /// <summary>The round it belongs to.</summary>
    public Round Round => round;

    /// <summary>The machine's engine for this life.</summary>
    public IoEngine Engine { get; private set; } = null!; // PlayAsync sets it first of all.

    /// <summary>The nodes.</summary>
    public BlockGraph Graph { get; private set; } = null!; // PlayAsync sets it first of all.

    /// <summary>The commands' world.</summary>
    public ControlContext Context { get; private set; } = null!; // PlayAsync sets it first of all.

    /// <summary>Jobs whose images must be judged after the daemon's end.</summary>
    public List<BackupRun> Unfinished { get; } = [];

    /// <summary>Requests of guests so far.</summary>
    public long Requests => guests.Sum(static g => g.Requests);

    /// <summary>Jobs so far.</summary>
    public long Jobs { get; set; }

    /// <summary>Whether its guests bear that an image is another process's for a while.</summary>
    public bool AllowsInactive { get; private set; }

    /// <summary>Migrations that it tried.</summary>
    public long Flights { get; set; }

    /// <summary>Whether a request of this life failed.</summary>
    public bool HadFaults { get; private set; }

    /// <summary>Commands under way that may have changed bitmaps already, and may yet take that back.</summary>
    public int BitmapCommands { get; private set; }

    /// <summary>Whether no more commands can be given.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>Lives it. May be cut short at any point by a crash.</summary>
    public async Task PlayAsync(IoEngine engine)
    {
        Engine = engine;
        RearmFaults();
        Graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        Graph.Warn = Warn;
        Context = new ControlContext(Graph);
        (inner, Context.Jobs.Observer) = (Context.Jobs.Observer, this);
        var (near, far) = MemoryChannel.Pair(round.Chance(4) ? round.Random : null);
        var table = BuiltinCommands.CreateTable(Context, Context.ShutDownAsync);
        if (HasMachine)
        {
            Machine = new GuestlessMachine(Context);
            Machine.Migration.Warn = line => round.Note($"  {line}");
            BuiltinCommands.AddMachine(table, Machine, static _ => new(""));
        }
        var session = new QmpSession(far, new QmpDispatcher(table), Context.Events, QmpVersion.Current, pretty: false).RunAsync();
        var guarded = GuardAsync(session, near);
        client = await QmpClient.ConnectAsync(near);
        try
        {
            if (arrival is null ? await StartAsync() : await ComeAsync(arrival))
            {
                await new Operator(this).WorkAsync();
            }
        }
        finally
        {
            guests.ForEach(static g => g.Stop());
            await Task.WhenAll(working);
        }
        await EndAsync(guarded);
    }

    /// <summary>Runs a command; null, or why it was refused.</summary>
    public async Task<string?> TryAsync(string command, string arguments)
    {
        round.Note($"{Engine.Loop.Time.GetUtcNow():ss.ffffff} {(arrival is null ? "" : "there ")}{command} {arguments}");
        var changesBitmaps = command == "transaction" || command.Contains("bitmap", StringComparison.Ordinal) ? 1 : 0;
        BitmapCommands += changesBitmaps;
        try
        {
            _ = await client!.ExecuteAsync(command, (JsonObject)JsonValue.Parse(arguments)); // connected before anyone commands
            return null;
        }
        catch (QmpException error)
        {
            Assert.DoesNotContain("Internal error", error.Message, StringComparison.Ordinal);
            round.Note($"  {error.Message}");
            return error.Message;
        }
        catch (BlockException) when (broken is not null)
        {
            throw new InvalidOperationException($"the monitor is broken: {broken.Message}", broken);
        }
        finally
        {
            BitmapCommands -= changesBitmaps;
        }
    }

    /// <summary>Runs a command that must succeed.</summary>
    public async Task MustAsync(string command, string arguments)
    {
        var refused = await TryAsync(command, arguments);
        Must.Hold(refused is null, $"{command} is done: {refused}");
    }

    /// <summary>The next event of that device that says how its job ended.</summary>
    public async Task<JsonObject> WaitEndAsync(string job) =>
        await client!.WaitEventAsync(e => // connected before any job is started
            e.GetString("event") is "BLOCK_JOB_COMPLETED" or "BLOCK_JOB_CANCELLED"
            && e["data"] is JsonObject data
            && data.GetString("device") == job
        );

    /// <summary>Calls <paramref name="created"/> at the job's point in time: when it is made, in its drained section.</summary>
    public void WhenCreated(string job, Action created) => onCreated[job] = created;

    /// <summary>
    /// Takes <paramref name="step"/> again and again, at random times, until that job or this life is over; after a while its second
    /// argument tells that the job should come to its end.
    /// </summary>
    public async Task DisturbAsync(string id, Func<JobStatus, bool, Task> step)
    {
        const int PatientSteps = 60;
        const int MostSteps = 5000;
        for (var count = 0; Context.Jobs.Find(id) is { } job && !IsEnding; count++)
        {
            Must.Hold(count < MostSteps, $"{id} comes to an end");
            if (job.Status is JobStatus.Concluded or JobStatus.Null)
            {
                return;
            }
            await step(job.Status, count > PatientSteps);
            if (IsEnding)
            {
                return;
            }
            await Engine.Loop.DelayAsync(TimeSpan.FromMicroseconds(Round.Random.Next(1, 5000)), CancellationToken.None);
        }
    }

    /// <summary>Waits, as jobs come and go, until <paramref name="condition"/> holds.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Context.Jobs.WaitChangeAsync();
        }
    }

    /// <summary>The daemon's end will end these.</summary>
    public void LeaveJobsTo(Task watching) => left = watching;

    /// <inheritdoc/>
    public void OnJobEvent(JobEvent happened)
    {
        round.Note($"{Engine.Loop.Time.GetUtcNow():ss.ffffff}   {happened}");
        if (happened is JobEvent.StatusChange { Status: JobStatus.Created } && onCreated.Remove(happened.Id, out var created))
        {
            created();
        }
        inner?.OnJobEvent(happened);
    }

    /// <summary>Takes back all faults but the crash that this life may end with.</summary>
    public void RearmFaults(int within = 0)
    {
        HadFaults |= round.Machine.Faults.Fired > 0;
        round.Machine.Faults.Clear();
        if (mayCrash)
        {
            round.Machine.Faults.CrashAfter(
                SimulatedOperation.Changes | SimulatedOperation.Flush,
                round.Random.Next(1, within > 0 ? within : round.Pick(20, 200, 2000)),
                round.Chance(3) ? CrashKind.ProcessKill : CrashKind.PowerLoss
            );
        }
    }

    // An image whose header is in doubt serves nobody any more until it is opened anew: its users can only end the daemon.
    private void Warn(string warning)
    {
        round.Note($"{Engine.Loop.Time.GetUtcNow():ss.ffffff}   warning: {warning}");
        if (warning.Contains("stays writable", StringComparison.Ordinal))
        {
            // Nothing else can be put on top of an image that is open for writing.
            round.Drives.ForEach(static d => d.HasSpoiltBase = true);
        }
        if (warning.Contains("serves no further request", StringComparison.Ordinal) && round.Machine.IsRunning)
        {
            round.Machine.Crash(CrashKind.ProcessKill);
        }
    }

    // A monitor that breaks leaves its client without a reply for ever: the client must hear of it, and we of the reason.
    private async Task GuardAsync(Task session, ByteChannel near)
    {
        try
        {
            await session;
        }
        catch (Exception error)
        {
            broken = error;
            near.Abort();
        }
    }

    private async Task<bool> StartAsync()
    {
        Machine?.Run();
        foreach (var drive in round.Drives)
        {
            drive.BeginLife();
            await MustAsync("blockdev-add", drive.Options.ToJson());
            Inspection.JudgeBitmaps(round, drive, Graph.Require(drive.Name), mayBeInDoubt: false, "at the start");
        }
        AllowsInactive = HasMachine ? !round.Chance(4) : round.Chance(2);
        await InviteGuestsAsync(static drive => drive.Name);
        return true;
    }

    private async Task InviteGuestsAsync(Func<SimulatedDrive, string> nodeOf)
    {
        var allowance = AllowsInactive ? ",'allow-inactive':true" : "";
        await MustAsync("nbd-server-start", $"{{'addr':{{'type':'unix','data':{{'path':'{NbdAddress.Path}'}}}}}}");
        foreach (var drive in round.Drives)
        {
            await MustAsync(
                "block-export-add",
                $"{{'type':'nbd','id':'{drive.Shadow.Name}','name':'{drive.Shadow.Name}','node-name':'{nodeOf(drive)}','writable':true{allowance}}}"
            );
            for (var i = round.Random.Next(1, 4); i > 0; i--)
            {
                guests.Add(await Guest.ConnectAsync(this, drive));
            }
        }
        working.AddRange(guests.ConvertAll(static g => g.WorkAsync()));
    }

    private async Task EndAsync(Task session)
    {
        IsEnding = true;
        if (IsElsewhere)
        {
            await EndWithoutDisksAsync(session);
            return;
        }
        // A crash may come as late as when everything is stored and closed.
        mayCrash &= round.Chance(2);
        RearmFaults(within: 60);
        foreach (var guest in guests)
        {
            await guest.DisposeAsync();
        }
        round.Drives.ForEach(static d => d.Mirror?.Freeze());
        await MustAsync("quit", "{}");
        await left;
        await CloseAsync(session);
        round.Drives.ForEach(static d => d.Shadow.CloseCleanly());
    }
}
