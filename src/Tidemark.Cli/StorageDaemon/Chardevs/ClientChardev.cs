using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Cli.StorageDaemon.Chardevs;

/// <summary>
/// "socket" without server: a connection that the daemon makes itself, at once. With reconnect=N it is made anew, every N
/// seconds until it stands, whenever it was not there or has gone.
/// </summary>
internal sealed class ClientChardev : Chardev
{
    private readonly IoEngine engine;
    private readonly SocketAddress address;
    private readonly TimeSpan? reconnect;
    private readonly CancellationTokenSource stop = new();
    private ByteChannel? channel;
    private bool isFirst = true;

    private ClientChardev(string id, IoEngine engine, SocketAddress address, TimeSpan? reconnect)
        : base(id) => (this.engine, this.address, this.reconnect) = (engine, address, reconnect);

    /// <summary>Connects; throws <see cref="BlockException"/> if that fails and <paramref name="reconnect"/> is null.</summary>
    public static async ValueTask<ClientChardev> ConnectAsync(
        string id,
        IoEngine engine,
        SocketAddress address,
        TimeSpan? reconnect
    )
    {
        var chardev = new ClientChardev(id, engine, address, reconnect);
        if (reconnect is null)
        {
            chardev.channel = await engine.ConnectAsync(address, CancellationToken.None);
        }
        return chardev;
    }

    public override string Where => SocketText.Of(address);

    public override async ValueTask<ByteChannel?> AcceptAsync()
    {
        if (channel is { } ready)
        {
            channel = null;
            return ready;
        }
        while (reconnect is { } pause && !stop.IsCancellationRequested)
        {
            try
            {
                if (!isFirst)
                {
                    await engine.Loop.DelayAsync(pause, stop.Token);
                }
                isFirst = false;
                return await engine.ConnectAsync(address, stop.Token);
            }
            catch (BlockException)
            {
                // Not there yet: again after the pause.
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
        return null;
    }

    public override async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (channel is not null)
        {
            await channel.DisposeAsync();
        }
    }
}
