using System.Buffers;
using Tidemark.Bitmaps.Migration;
using Tidemark.Block.Graph;
using Tidemark.Control.Machine;
using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Control.Migration;

/// <summary>
/// A migration that leaves (contract M1). The machine goes on until nearly all is sent; then it stops, the rest is sent, its images
/// are let go, and the other side has them.
/// </summary>
/// <remarks>
/// <code>
///   setup ─▶ active ─┬────────▶ (pre-switchover ─▶ device) ─▶ completed          the machine stops before the images are let go,
///                    └─ postcopy-active ────────────────────▶ completed          and goes on when anything fails before that
///   any of them ─▶ failed;  by migrate_cancel ─▶ cancelling ─▶ cancelled
/// </code>
/// </remarks>
internal sealed partial class OutgoingMigration
{
    private readonly MigrationControl control;
    private readonly MigrationUri uri;
    private readonly LoopSignal changed = new();
    private readonly LoopSignal ended = new();
    private readonly CancellationTokenSource connecting = new();
    private readonly ArrayBufferWriter<byte> buffer = new();
    private readonly MigrationStreamWriter stream;
    private ByteChannel? channel;
    private ReturnPath? returnPath;
    private DepartingBitmaps? bitmaps;
    private BitmapRecordWriter? records;
    private RunState stateBefore;
    private bool hasStopped;
    private bool isPostcopyWanted;
    private bool hasHandedOver;
    private bool mayContinue;
    private bool isCancelled;
    private bool isOver;

    /// <summary>One to <paramref name="uri"/>; <paramref name="opened"/> is the way there if it is open already.</summary>
    public OutgoingMigration(MigrationControl control, MigrationUri uri, ByteChannel? opened)
    {
        (this.control, this.uri, channel) = (control, uri, opened);
        stream = new MigrationStreamWriter(buffer);
        began = Machine.Context.Graph.Engine.Time.GetTimestamp();
    }

    /// <summary>Where it is.</summary>
    public MigrationStatus Status { get; private set; } = MigrationStatus.Setup;

    /// <summary>Whether it is over, well or not.</summary>
    public bool HasEnded => Status is MigrationStatus.Completed or MigrationStatus.Failed or MigrationStatus.Cancelled;

    private GuestlessMachine Machine => control.Machine;

    private BlockGraph Graph => Machine.Context.Graph;

    private string Way =>
        channel is SocketChannel ? "socket"
        : uri is MigrationUri.Command ? "command"
        : "file";

    /// <summary>Begins, behind the reply to the command.</summary>
    public void Start() => Graph.Loop.Post(static me => _ = ((OutgoingMigration)me!).RunAsync(), this);

    /// <summary>Waits for the end of all that it does: after a failure its images are to be taken back.</summary>
    public async ValueTask WaitAsync()
    {
        while (!isOver)
        {
            await ended.WaitAsync();
        }
    }

    /// <summary>Gives it up; the machine goes on. Too late once the destination may run.</summary>
    public void Cancel()
    {
        if (HasEnded || isCancelled || hasHandedOver)
        {
            return;
        }
        isCancelled = true;
        SetStatus(MigrationStatus.Cancelling);
        connecting.Cancel();
        channel?.Abort();
        changed.Wake();
    }

    /// <summary>Leave to go on from <see cref="MigrationStatus.PreSwitchover"/>.</summary>
    public void Continue()
    {
        mayContinue = true;
        changed.Wake();
    }

    /// <summary>Lets the destination run before the bitmaps have been sent.</summary>
    public void StartPostcopy()
    {
        isPostcopyWanted = true;
        changed.Wake();
    }

    /// <summary>Parameters have changed.</summary>
    public void Reconsider() => changed.Wake();

    private async Task RunAsync()
    {
        BlockException? failure = null;
        try
        {
            channel ??= await uri.ConnectAsync(Graph.Engine, connecting.Token);
            await SetUpAsync();
            await ConvergeAsync();
            await (isPostcopyWanted ? PostcopyAsync() : CompleteAsync());
        }
        catch (BlockException error)
        {
            failure = error;
            errorText ??= channel is null ? error.Message : null;
        }
        catch (OperationCanceledException)
        {
            failure = Cancelled();
        }
        bitmaps?.Release();
        await CloseAsync();
        if (failure is null && !isCancelled)
        {
            EndWell();
        }
        else
        {
            await EndBadlyAsync(failure ?? Cancelled());
        }
        connecting.Dispose();
        isOver = true;
        ended.Wake();
    }

    private void EndWell()
    {
        completed = Now();
        Machine.Halt(RunState.Postmigrate);
        SetStatus(MigrationStatus.Completed);
    }

    private async ValueTask EndBadlyAsync(BlockException failure)
    {
        if (!isCancelled)
        {
            control.Warn(failure.Message + (failure.Hint is { } hint ? "\n" + hint : ""));
            SetStatus(MigrationStatus.Failed);
        }
        if (hasHandedOver)
        {
            // The destination may be running: what it writes must not be written here, too.
            Machine.Halt(RunState.Postmigrate);
        }
        else if (hasStopped)
        {
            await GoOnAsync();
        }
        if (isCancelled)
        {
            SetStatus(MigrationStatus.Cancelled);
        }
    }

    private async ValueTask GoOnAsync()
    {
        try
        {
            await Machine.Context.BetweenTransactionsAsync(Graph.ActivateAllAsync);
        }
        catch (BlockException error)
        {
            control.Warn(error.Message);
            Machine.Halt(RunState.Paused);
            return;
        }
        if (stateBefore == RunState.Running)
        {
            Machine.Run();
        }
        else
        {
            Machine.Halt(stateBefore);
        }
    }

    private async ValueTask CloseAsync()
    {
        if (returnPath is not null)
        {
            returnPath.Stop();
        }
        if (channel is not null)
        {
            await channel.DisposeAsync();
        }
    }

    private void SetStatus(MigrationStatus status)
    {
        Status = status;
        control.Publish(status);
    }

    private static BlockException Cancelled() => new(BlockErrorKind.Io, "The migration was cancelled");
}
