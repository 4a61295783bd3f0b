using System.Buffers;
using Tidemark.Core.Errors;
using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.MetaContext;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Exports.Nbd;

/// <content>The handshake, under its time limit. What a client sends behind its last option stays in the input for the pump.</content>
internal sealed partial class NbdConnection
{
    /// <summary>Whether the client chose an export; the connection then is attached to it.</summary>
    private async ValueTask<bool> ShakeHandsAsync()
    {
        using var timeout = new CancellationTokenSource();
        _ = LimitTimeAsync(timeout.Token);
        var isChosen = await NegotiateAsync();
        // Not CancelAsync: that would continue on another thread.
        timeout.Cancel();
        return isChosen;
    }

    private async ValueTask<bool> NegotiateAsync()
    {
        var output = new ArrayBufferWriter<byte>();
        var negotiation = new ServerNegotiation(server.Exports, output);
        while (true)
        {
            if (output.WrittenCount > 0 && await channel.SendAsync(output.WrittenMemory) != IoStatus.Ok)
            {
                return false;
            }
            output.ResetWrittenCount();
            var state = negotiation.Advance(input.Span[inputFrom..inputTo], out var consumed);
            inputFrom += consumed;
            switch (state)
            {
                case NegotiationState.Transmission:
                    return await EnterAsync(negotiation, output.WrittenMemory);
                case NegotiationState.Ended:
                    _ = await channel.SendAsync(output.WrittenMemory);
                    return false;
                case NegotiationState.Haggling when consumed == 0:
                    if (!await ReceiveMoreAsync(Limits.ReceiveBytes))
                    {
                        return false;
                    }
                    break;
                case NegotiationState.Haggling:
                    break;
            }
        }
    }

    private async ValueTask<bool> EnterAsync(ServerNegotiation negotiation, ReadOnlyMemory<byte> lastReply)
    {
        // The directory holds no other kind.
        export = ((NbdExport.Offered)negotiation.Export!).Export;
        backend = export.Backend;
        style = negotiation.Style;
        replies = new ReplyWriter(style);
        statusWriter = new StatusChunkWriter(replies);
        contexts = negotiation.Contexts;
        isWritable = export.IsWritable;
        isWritethrough = export.IsWritethrough;
        export.Attach(this);
        if (lastReply.Length > 0 && await channel.SendAsync(lastReply) != IoStatus.Ok)
        {
            channel.Abort();
        }
        return true;
    }

    private async Task LimitTimeAsync(CancellationToken cancel)
    {
        try
        {
            await server.Engine.Loop.DelayAsync(server.HandshakeTimeout, cancel);
            channel.Abort();
        }
        catch (OperationCanceledException)
        {
            // In time.
        }
    }
}
