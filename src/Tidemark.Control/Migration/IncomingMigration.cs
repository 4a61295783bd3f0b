using Tidemark.Bitmaps.Migration;
using Tidemark.Block.Graph;
using Tidemark.Control.Commands.Export;
using Tidemark.Control.Machine;
using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Control.Migration;

/// <summary>
/// A migration that comes (contract M1): waits for its source, takes what that sends, and then has the disks. Whatever goes wrong
/// before that leaves the disks to the source.
/// </summary>
/// <remarks>
/// <code>
///   setup ─▶ active ──────────────────────────▶ completed      all has come: the images are taken over, and the machine runs
///               └──▶ postcopy-active ──────────▶ completed      the machine runs already while the bitmaps come
/// </code>
/// </remarks>
internal sealed partial class IncomingMigration
{
    private readonly MigrationControl control;
    private readonly bool exitOnError;
    private readonly MigrationStreamReader reader = new();
    private readonly ArrivingBitmaps bitmaps;
    private readonly LoopSignal ended = new();
    private ChannelListener? listener;
    private ByteChannel? channel;
    private MigrationStatus status = MigrationStatus.Setup;
    private RunState sourceState = RunState.Running;
    private string? errorText;
    private bool answers;
    private bool hasRun;
    private bool isClosed;
    private bool isOver;

    public IncomingMigration(MigrationControl control, bool exitOnError)
    {
        (this.control, this.exitOnError) = (control, exitOnError);
        bitmaps = new ArrivingBitmaps(Graph, () => control.Parameters.BlockBitmapMapping, line => control.Warn(line));
    }

    private GuestlessMachine Machine => control.Machine;

    private BlockGraph Graph => Machine.Context.Graph;

    /// <summary>Listens, or opens what is to be read, which <paramref name="mayName"/> be a descriptor of a client's. Throws <see cref="BlockException"/>.</summary>
    public async ValueTask StartAsync(MigrationUri uri, bool mayName)
    {
        if (uri is MigrationUri.Socket socket)
        {
            listener = await Graph.Engine.ListenAsync(socket.Address, backlog: 1);
        }
        else
        {
            channel = await uri.OpenIncomingAsync(Graph.Engine, mayName);
        }
        Graph.Loop.Post(static me => _ = ((IncomingMigration)me!).RunToItsEndAsync(), this);
    }

    /// <summary>What query-migrate tells of it.</summary>
    public MigrationInfo Describe() =>
        status switch
        {
            MigrationStatus.Setup => new(SocketAddress: Where()),
            MigrationStatus.Completed or MigrationStatus.Failed => new(status, ErrorDesc: errorText),
            _ => new(status, SocketAddress: Where()),
        };

    /// <summary>Ends it, and waits for what it still does with the images; the process is about to end.</summary>
    public async ValueTask CloseAsync()
    {
        isClosed = true;
        channel?.Abort();
        if (listener is not null)
        {
            await listener.DisposeAsync();
        }
        while (!isOver)
        {
            await ended.WaitAsync();
        }
    }

    private async Task RunToItsEndAsync()
    {
        await RunAsync();
        isOver = true;
        ended.Wake();
    }

    private async Task RunAsync()
    {
        channel ??= listener is null ? null : await listener.AcceptAsync();
        if (channel is null)
        {
            return;
        }
        SetStatus(MigrationStatus.Active);
        try
        {
            await ReceiveAsync(channel);
            await FinishAsync();
            await LetSourceEndAsync(channel);
        }
        catch (BlockException error)
        {
            await EndBadlyAsync(error);
        }
        await channel.DisposeAsync();
        if (listener is not null)
        {
            await listener.DisposeAsync();
        }
    }

    // The machine is as its source was, and runs if both sides want it.
    private async ValueTask FinishAsync()
    {
        if (!hasRun)
        {
            await TakeOverAsync();
        }
        await AnswerAsync(ReturnPath.ShutMessage(good: true));
        SetStatus(MigrationStatus.Completed);
    }

    private async ValueTask TakeOverAsync()
    {
        var runs = sourceState == RunState.Running && Machine.StartsByItself;
        Graph.OpensInactive = false;
        if (runs || !control.Capabilities[MigrationCapability.LateBlockActivate])
        {
            try
            {
                await Machine.Context.BetweenTransactionsAsync(Graph.ActivateAllAsync);
            }
            catch (BlockException error)
            {
                // "cont" tries again.
                control.Warn(error.Message + (error.Hint is { } hint ? "\n" + hint : ""));
                runs = false;
            }
        }
        bitmaps.AllowRunning();
        hasRun = true;
        if (runs)
        {
            Machine.Run();
        }
        else
        {
            Machine.Halt(sourceState == RunState.Running ? RunState.Paused : sourceState);
        }
    }

    private async ValueTask EndBadlyAsync(BlockException error)
    {
        bitmaps.DropIncomplete();
        if (isClosed)
        {
            return;
        }
        if (hasRun)
        {
            // The machine has all but some bits, and must not end for those.
            control.Warn($"The migration broke off during its postcopy phase: {error.Message}");
            control.Warn("All has come but some dirty bitmaps: those are lost, the others are complete");
            SetStatus(MigrationStatus.Completed);
            return;
        }
        control.Warn(error.Message + (error.Hint is { } hint ? "\n" + hint : ""));
        if (reader.Section is { } section)
        {
            control.Warn($"error while loading state for instance 0x0 of device '{section}'");
        }
        errorText = $"load of migration failed: {error.Status.Describe()}";
        control.Warn(errorText);
        SetStatus(MigrationStatus.Failed);
        await AnswerAsync(ReturnPath.ShutMessage(good: false));
        if (exitOnError)
        {
            control.Fail();
        }
    }

    private void SetStatus(MigrationStatus next)
    {
        status = next;
        control.Publish(next);
    }

    private List<FlatSocketAddress>? Where() =>
        listener?.Address switch
        {
            SocketAddress.Unix unix => [new FlatSocketAddress.Unix(unix.Path)],
            SocketAddress.Inet inet => [new FlatSocketAddress.Inet(inet.Host, $"{inet.Port}")],
            _ => null,
        };
}
