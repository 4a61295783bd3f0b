using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Nbd.Client;
using Tidemark.Nbd.Handshake;
using Connection = Tidemark.Nbd.Client.NbdClient;

namespace Tidemark.Drivers.NbdClient;

/// <summary>
/// Keeps a connection to the server. When one is lost, requests wait for the next for as long as the option reconnect-delay
/// says; after that they fail at once, and each asks for another attempt in the background, at most one a second.
/// <code>
///   connected ──lost──► waiting ──in time──► connected
///                          └──too late──► failing ──attempt──► connected
/// </code>
/// </summary>
internal sealed class NbdLink
{
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly IoEngine engine;
    private readonly NbdOptions options;
    private readonly SocketAddress address;
    private readonly CancellationTokenSource closing = new();
    private readonly LoopSignal changed = new();
    private Connection? current;
    private bool isWritable;
    private bool isConnecting;
    private bool mayWait;
    private long lastAttempt;
    private int losses;

    private NbdLink(IoEngine engine, NbdOptions options, SocketAddress address) =>
        (this.engine, this.options, this.address) = (engine, options, address);

    /// <summary>What the first server said; what follows must be the same.</summary>
    public ExportInfo Export { get; private set; }

    /// <summary>The connection if there is one that works.</summary>
    public Connection? Current => current is { Failure: null } ? current : null;

    /// <summary>How often <see cref="GiveUp"/> was called: a request that began before it waits no more.</summary>
    public int Cancellations { get; private set; }

    /// <summary>Connects, again and again until the option open-timeout has passed. Throws <see cref="BlockException"/>.</summary>
    public static async ValueTask<NbdLink> OpenAsync(IoEngine engine, NbdOptions options)
    {
        var link = new NbdLink(engine, options, options.Server.Resolve(engine));
        var begin = engine.Time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            try
            {
                link.current = await link.ConnectAsync();
                link.Export = link.current.Export;
                return link;
            }
            catch (BlockException) when (engine.Time.GetElapsedTime(begin) < TimeSpan.FromSeconds(options.OpenTimeout))
            {
                await engine.Loop.DelayAsync(pause, CancellationToken.None);
                pause = Longer(pause);
            }
        }
    }

    /// <summary>From now on a server that only lets read is not good enough.</summary>
    public void RequireWritable(bool writable) => isWritable = writable;

    /// <summary>
    /// A working connection, now or in time, for a request that began when there had been <paramref name="cancellations"/>; null
    /// when there is none.
    /// </summary>
    public async ValueTask<Connection?> WaitAsync(int cancellations)
    {
        while (!closing.IsCancellationRequested && cancellations == Cancellations)
        {
            if (Current is { } working)
            {
                return working;
            }
            Lose();
            if (Current is null && !mayWait)
            {
                TryAgain();
                return null;
            }
            if (Current is null)
            {
                await changed.WaitAsync();
            }
        }
        return null;
    }

    /// <summary>Requests that wait now, for a new connection or for answers over the old one, fail.</summary>
    public void GiveUp()
    {
        Cancellations++;
        current?.Abort();
        changed.Wake();
    }

    /// <summary>Says goodbye and closes. No request is under way.</summary>
    public async ValueTask CloseAsync()
    {
        await closing.CancelAsync();
        changed.Wake();
        while (isConnecting)
        {
            await changed.WaitAsync();
        }
        if (current is not null)
        {
            await current.DisposeAsync();
            current = null;
        }
        closing.Dispose();
    }

    /// <summary>If the connection is broken, begins to look for another, which may be there when this returns.</summary>
    private void Lose()
    {
        if (current is not { Failure: not null } broken)
        {
            return;
        }
        current = null;
        _ = DisposeAsync(broken);
        if (options.ReconnectDelay > 0)
        {
            mayWait = true;
            _ = StopWaitingLaterAsync(++losses);
            _ = ReconnectAsync();
        }
    }

    private static async Task DisposeAsync(Connection broken) => await broken.DisposeAsync();

    private async Task StopWaitingLaterAsync(int loss)
    {
        try
        {
            await engine.Loop.DelayAsync(TimeSpan.FromSeconds(options.ReconnectDelay), closing.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        if (loss == losses && Current is null)
        {
            mayWait = false;
            changed.Wake();
        }
    }

    private void TryAgain()
    {
        if (!isConnecting && engine.Time.GetElapsedTime(lastAttempt) >= LongestPause)
        {
            _ = ReconnectAsync();
        }
    }

    private async Task ReconnectAsync()
    {
        if (isConnecting)
        {
            return;
        }
        isConnecting = true;
        var pause = FirstPause;
        try
        {
            if (engine.Time.GetElapsedTime(lastAttempt) < FirstPause)
            {
                // A server that takes connections only to drop them must not keep us busy.
                await engine.Loop.DelayAsync(FirstPause, closing.Token);
            }
            await TryConnectAsync();
            while (Current is null && mayWait)
            {
                await engine.Loop.DelayAsync(pause, closing.Token);
                pause = Longer(pause);
                await TryConnectAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
        isConnecting = false;
        changed.Wake();
    }

    private async ValueTask TryConnectAsync()
    {
        lastAttempt = engine.Time.GetTimestamp();
        try
        {
            current = await ConnectAsync();
            mayWait = false;
        }
        catch (BlockException)
        {
            // Whoever waits learns it from the connection that isn't there.
        }
    }

    private async ValueTask<Connection> ConnectAsync()
    {
        using var timeout = new CancellationTokenSource(AttemptLimit, engine.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, closing.Token);
        Connection connection;
        try
        {
            var channel = await engine.ConnectAsync(address, limit.Token);
            using var abort = limit.Token.UnsafeRegister(static c => ((ByteChannel)c!).Abort(), channel);
            var context = options.XDirtyBitmap ?? Tidemark.Nbd.MetaContext.ContextNames.BaseAllocation;
            connection = await Connection.OpenAsync(channel, new NbdClientOptions(options.Export ?? "", [context]));
        }
        catch (OperationCanceledException)
        {
            throw new BlockException(IoStatus.TimedOut, $"Failed to connect to '{address}'");
        }
        if (Check(connection) is { } problem)
        {
            await connection.DisposeAsync();
            throw problem;
        }
        return connection;
    }

    /// <summary>What is wrong with a new connection: a bitmap that isn't there, or another export than the one before.</summary>
    private BlockException? Check(Connection connection)
    {
        if (options.XDirtyBitmap is not null && connection.Contexts.Count == 0)
        {
            return new BlockException(IoStatus.InvalidArgument, "Could not open image");
        }
        if (Export == default)
        {
            return null;
        }
        var (now, before) = (connection.Export, Export);
        return
            now.SizeBytes == before.SizeBytes
            && now.MinimumBlock <= before.MinimumBlock
            && now.MaximumPayload >= before.MaximumPayload
            && !(isWritable && (now.Flags & TransmissionFlags.ReadOnly) != 0)
            ? null
            : new BlockException(BlockErrorKind.Io, "Server came back with another export");
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;
}
