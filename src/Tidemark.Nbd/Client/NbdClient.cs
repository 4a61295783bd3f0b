using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.MetaContext;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Nbd.Client;

/// <summary>
/// One connection to a server's export. Up to <see cref="Limits.MaxClientRequests"/> requests are in flight at a time and are
/// answered in any order; further ones wait their turn. Nothing a server sends can make it grow, write outside a request's
/// memory, or leave part of a read unfilled: whatever breaks the protocol breaks the connection. On the loop that owns the channel.
/// <code>
///   verbs ──► queue ──► sender (gathers what is queued, one send) ──► channel
///     ▲                                                                 │
///     └─ completion ◄── pending requests by cookie ◄── receiver ◄───────┘
/// </code>
/// A verb's status is what the server answered; <see cref="IoStatus.ConnectionReset"/> is the one a server can't send and means
/// that the connection is gone and it is unknown whether the request was done.
/// </summary>
public sealed partial class NbdClient : IAsyncDisposable
{
    private readonly ByteChannel channel;
    private readonly ChannelReader reader;
    private readonly NbdSession session;
    private readonly PendingRequest[] pending = new PendingRequest[Limits.MaxClientRequests];
    private readonly Stack<PendingRequest> free = new(Limits.MaxClientRequests);
    private readonly LoopSignal slotFreed = new();
    private Task receiving = Task.CompletedTask;
    private bool receiverEnded;
    private bool isClosing;

    private NbdClient(ByteChannel channel, ChannelReader reader, NbdSession session)
    {
        (this.channel, this.reader, this.session) = (channel, reader, session);
        for (var slot = pending.Length - 1; slot >= 0; slot--)
        {
            pending[slot] = new PendingRequest(slot);
            free.Push(pending[slot]);
        }
    }

    /// <summary>What the server said of the export.</summary>
    public ExportInfo Export => session.Export;

    /// <summary>The shape of headers that was agreed upon.</summary>
    public ReplyStyle Style => session.Style;

    /// <summary>The contexts that the server selected, those asked for that it has.</summary>
    public IReadOnlyList<OfferedContext> Contexts => session.Contexts;

    /// <summary>Why the connection broke, once it did; null while it works.</summary>
    public string? Failure { get; private set; }

    /// <summary>Requests in flight.</summary>
    public int InFlight => pending.Length - free.Count;

    /// <summary>
    /// Shakes hands over <paramref name="channel"/>, which from then on belongs to the client, also when this throws:
    /// <see cref="BlockException"/> with what the server said as its hint. Set no bound on time: the caller aborts the channel.
    /// </summary>
    public static async ValueTask<NbdClient> OpenAsync(ByteChannel channel, NbdClientOptions options)
    {
        var arrivals = new ChannelReader(channel, Limits.ClientReceiveBytes);
        try
        {
            var agreed = await new ClientHandshake(channel, arrivals, options).RunAsync();
            var client = new NbdClient(channel, arrivals, agreed);
            client.receiving = client.ReceiveLoopAsync();
            return client;
        }
        catch (BlockException)
        {
            arrivals.Dispose();
            await channel.DisposeAsync();
            throw;
        }
    }

    /// <summary>Breaks the connection now: whatever is in flight ends with <see cref="IoStatus.ConnectionReset"/> in its turn.</summary>
    public void Abort() => Break("Connection was given up");

    /// <summary>
    /// Tells the server (NBD_CMD_DISC) unless the connection is broken, and closes. Requests in flight end with
    /// <see cref="IoStatus.ConnectionReset"/>: wait for them first.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (!isClosing)
        {
            isClosing = true;
            if (Failure is null)
            {
                await SendFarewellAsync();
            }
            Break("Connection was closed");
            await receiving;
            await WaitForSenderAsync();
            reader.Dispose();
            ((IDisposable)gathering).Dispose();
            await channel.DisposeAsync();
        }
    }

    /// <summary>A slot for a new request, waiting for one if need be; null when the connection is broken.</summary>
    private async ValueTask<PendingRequest?> WaitForSlotAsync()
    {
        while (Failure is null && !isClosing)
        {
            if (free.TryPop(out var slot))
            {
                return slot;
            }
            await slotFreed.WaitAsync();
        }
        return null;
    }

    private void Release(PendingRequest request)
    {
        free.Push(request);
        slotFreed.Wake();
    }

    private void Break(string why)
    {
        if (Failure is null)
        {
            Failure = why;
            channel.Abort();
            slotFreed.Wake();
            EndPendingIfQuiet();
        }
    }

    /// <summary>Once neither side of the channel touches any memory any more, whatever still waits is told.</summary>
    private void EndPendingIfQuiet()
    {
        if (Failure is null || !receiverEnded || isSending)
        {
            return;
        }
        sendQueue.Clear();
        foreach (var request in pending)
        {
            if (request.IsActive)
            {
                request.Error = IoStatus.ConnectionReset;
                request.MarkSent();
                request.MarkReplied();
            }
        }
    }
}
