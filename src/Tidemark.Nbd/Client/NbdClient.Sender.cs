using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Nbd.Client;

/// <content>
/// The sender: whatever was asked for in one turn of the loop, or while a send was under way, goes out together. Small writes
/// are copied beside their headers; large ones are sent from where they lie.
/// </content>
public sealed partial class NbdClient
{
    private readonly Queue<PendingRequest> sendQueue = new(Limits.MaxClientRequests);
    private readonly List<PendingRequest> gathered = new(Limits.MaxClientRequests);
    private readonly AlignedBuffer gathering = AlignedBufferPool.Shared.Rent(Limits.ClientSendBytes);
    private readonly LoopSignal senderStopped = new();
    private bool isSending;

    private void Send(PendingRequest request)
    {
        if (Failure is not null && receiverEnded && !isSending)
        {
            request.Error = IoStatus.ConnectionReset;
            request.MarkSent();
            request.MarkReplied();
            return;
        }
        sendQueue.Enqueue(request);
        if (!isSending)
        {
            isSending = true;
            LoopContext.Current.Enqueue(static self => _ = ((NbdClient)self!).SendLoopAsync(), this);
        }
    }

    private async Task SendLoopAsync()
    {
        while (Failure is null && sendQueue.Count > 0)
        {
            var size = Gather(out var large);
            var status = await channel.SendAsync(gathering.Memory[..size]);
            if (status == IoStatus.Ok && large is not null)
            {
                status = await channel.SendAsync(large.Payload);
            }
            foreach (var request in gathered)
            {
                request.MarkSent();
            }
            gathered.Clear();
            if (status != IoStatus.Ok)
            {
                Break($"Failed to send to server: {status.Describe()}");
            }
        }
        isSending = false;
        senderStopped.Wake();
        EndPendingIfQuiet();
    }

    /// <summary>Fills the gathering buffer from the queue, up to the first write that is too long to be copied, which is <paramref name="large"/>.</summary>
    private int Gather(out PendingRequest? large)
    {
        large = null;
        var buffer = gathering.GetSpan();
        var size = 0;
        while (large is null && sendQueue.TryPeek(out var next))
        {
            var copied = next.Payload.Length <= Limits.ClientGatherBytes ? next.Payload.Length : 0;
            if (size + RequestHeader.ExtendedSize + copied > buffer.Length)
            {
                break;
            }
            _ = sendQueue.Dequeue();
            gathered.Add(next);
            size += next.Header.Write(buffer[size..], Style);
            next.Payload.Span[..copied].CopyTo(buffer[size..]);
            size += copied;
            large = copied < next.Payload.Length ? next : null;
        }
        return size;
    }

    private async ValueTask SendFarewellAsync()
    {
        await WaitForSenderAsync();
        if (Failure is null)
        {
            var header = new RequestHeader(CommandFlags.None, CommandType.Disconnect, 0, 0, 0);
            var size = header.Write(gathering.GetSpan(), Style);
            _ = await channel.SendAsync(gathering.Memory[..size]); // it is a courtesy
        }
    }

    private async ValueTask WaitForSenderAsync()
    {
        while (isSending)
        {
            await senderStopped.WaitAsync();
        }
    }
}
