using Tidemark.Block.Graph;
using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Nbd;
using Tidemark.Nbd.MetaContext;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Exports.Nbd;

/// <summary>
/// One client, from its first byte to its last: the handshake, then the request pump. It takes all that has arrived,
/// serves every whole request in line where the node answers at once, gathers the replies and sends once. What must wait is
/// answered when it is done, in any order.
/// <code>
///   receive ─► [request|data|request|request…]   ─► serve in line ─► gathered replies ─► send
///                                                └► in flight ─► done ─► reply ─► flush at the end of the turn
/// </code>
/// A client that breaks the protocol, goes away or doesn't fetch its replies costs no more than the bounds in <see cref="Limits"/>.
/// </summary>
internal sealed partial class NbdConnection
{
    private readonly NbdServer server;
    private readonly ByteChannel channel;
    private readonly ReplySender sender;
    private readonly LoopSignal requestEnded = new();
    private readonly Stack<InFlightRequest> spare = new();

    // Set by the handshake, before the first request.
    private NbdExport export = null!;
    private BlockBackend backend = null!;
    private ReplyStyle style;
    private ReplyWriter replies;
    private StatusChunkWriter statusWriter = null!;
    private IReadOnlyList<OfferedContext> contexts = [];
    private bool isWritable;
    private bool isWritethrough;

    private int inFlight;
    private long inFlightBytes;
    private bool isCutOff;

    public NbdConnection(NbdServer server, ByteChannel channel)
    {
        (this.server, this.channel) = (server, channel);
        sender = new ReplySender(channel);
        input = new SharedBuffer(Limits.ReceiveBytes);
    }

    /// <summary>Ends the connection as soon as what it has begun is done; no reply goes out any more.</summary>
    public void CutOff()
    {
        isCutOff = true;
        channel.Abort();
    }

    /// <summary>Runs the connection to its end.</summary>
    public async Task RunAsync()
    {
        if (await ShakeHandsAsync())
        {
            await PumpAsync();
            // Whatever the client does now, the node must be done with our memory.
            while (inFlight > 0)
            {
                await requestEnded.WaitAsync();
            }
            await sender.DrainAsync();
            export.Detach(this);
        }
        channel.Abort();
        await sender.DrainAsync();
        sender.Close();
        input.Drop();
        await channel.DisposeAsync();
    }

    private void Done(in RequestHeader request, IoStatus status)
    {
        if (status == IoStatus.Ok)
        {
            sender.Advance(replies.WriteDone(sender.Reserve(ReplyWriter.MaxFixedSize), request));
        }
        else
        {
            Fail(request, status.ToNbdError(), status.Describe());
        }
    }

    private void Fail(in RequestHeader request, NbdError error, string message) =>
        sender.Advance(replies.WriteError(sender.Reserve(ReplyWriter.MaxErrorSize(message)), request, error, message));

    /// <summary>A verb didn't complete in line: keeps what it needs and answers when it is done. Takes over a stake in <paramref name="buffer"/>.</summary>
    private void Wait(in RequestHeader request, ValueTask<IoStatus> task, SharedBuffer? buffer, int replyOffset, int weight)
    {
        Begin(weight);
        if (!spare.TryPop(out var waiting))
        {
            waiting = new InFlightRequest(this);
        }
        waiting.Start(request, task, buffer, replyOffset, weight, begun);
    }

    /// <summary>A waiting request is done.</summary>
    public void Complete(InFlightRequest waiting, IoStatus status)
    {
        var request = waiting.Header;
        Count(request, status, waiting.Begun);
        if (request.Type == CommandType.Read)
        {
            FinishRead(request, status, waiting.Buffer!, waiting.ReplyOffset); // a read has a buffer
        }
        else
        {
            waiting.Buffer?.Drop();
            Done(request, status);
        }
        sender.FlushSoon();
        var weight = waiting.Weight;
        spare.Push(waiting);
        End(weight);
    }

    private void Begin(int weight)
    {
        inFlight++;
        inFlightBytes += weight;
    }

    private void End(int weight)
    {
        inFlight--;
        inFlightBytes -= weight;
        requestEnded.Wake();
    }
}
