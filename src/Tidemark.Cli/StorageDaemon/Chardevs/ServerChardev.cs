using Tidemark.Core.Channels;
using Tidemark.Io.Contract;

namespace Tidemark.Cli.StorageDaemon.Chardevs;

/// <summary>"socket" with server=on: clients come one after the other; those that come early wait in the socket's queue.</summary>
internal sealed class ServerChardev(string id, ChannelListener listener, bool waits) : Chardev(id)
{
    // As many as the reference lets wait.
    private const int WaitingClients = 1;
    private ByteChannel? first;

    /// <summary>Whether nothing may begin before the first client is there: wait=on, the default.</summary>
    public bool Waits => waits;

    public override string Where => SocketText.Of(listener.Address) + ",server=on";

    /// <summary>Listens; throws <see cref="Core.Errors.BlockException"/>.</summary>
    public static async ValueTask<ServerChardev> ListenAsync(string id, IoEngine engine, SocketAddress address, bool waits) =>
        new(id, await engine.ListenAsync(address, WaitingClients), waits);

    /// <summary>Waits for the first client, so that nothing begins before it is there.</summary>
    public async ValueTask WaitForClientAsync() => first = await listener.AcceptAsync();

    /// <summary>Ends that wait, for good: nobody can connect any more.</summary>
    public void StopWaiting() => _ = listener.DisposeAsync().AsTask();

    public override ValueTask<ByteChannel?> AcceptAsync()
    {
        if (first is not { } waiting)
        {
            return listener.AcceptAsync();
        }
        first = null;
        return new(waiting);
    }

    public override async ValueTask DisposeAsync()
    {
        await listener.DisposeAsync();
        if (first is not null)
        {
            await first.DisposeAsync();
        }
    }
}
