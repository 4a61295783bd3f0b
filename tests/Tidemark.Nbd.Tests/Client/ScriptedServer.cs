using System.Buffers;
using Tidemark.Nbd.Client;
using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.Tests.Handshake;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Nbd.Tests.Client;

/// <summary>
/// A server that shakes hands properly over a <see cref="PipeChannel"/>; what it then answers to requests, the test writes by hand.
/// </summary>
internal sealed class ScriptedServer
{
    private readonly PipeChannel channel;

    private ScriptedServer(PipeChannel channel) => this.channel = channel;

    public ReplyStyle Style { get; private set; }

    public static async Task<(NbdClient Client, ScriptedServer Server)> ConnectAsync(
        ReplyStyle style,
        string[]? contexts = null,
        string export = "ro",
        int pieceBytes = int.MaxValue
    )
    {
        var (near, far) = PipeChannel.CreatePair(pieceBytes);
        var server = new ScriptedServer(far);
        var shaking = server.ShakeHandsAsync();
        var client = await NbdClient.OpenAsync(near, new NbdClientOptions(export, contexts ?? [], style));
        await shaking;
        return (client, server);
    }

    public async Task<RequestHeader> TakeRequestAsync()
    {
        var bytes = await TakeAsync(RequestHeader.SizeOf(Style));
        Assert.True(RequestHeader.TryParse(bytes, Style, out var header));
        return header;
    }

    public async Task<byte[]> TakeAsync(int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count; )
        {
            var read = await channel.ReceiveAsync(bytes.AsMemory(at));
            Assert.False(read.IsEnd);
            at += read.Count;
        }
        return bytes;
    }

    /// <summary>Sends bytes written as hexadecimal, with C for the cookie of <paramref name="request"/>.</summary>
    public async Task SayAsync(RequestHeader request, string hex, byte[]? data = null)
    {
        var cookie = Hex.Text(Words.Big64(request.Cookie));
        byte[] message = [.. Hex.Bytes(hex.Replace("C", cookie, StringComparison.Ordinal)), .. data ?? []];
        _ = await channel.SendAsync(message);
    }

    public void Vanish() => channel.Abort();

    private async Task ShakeHandsAsync()
    {
        var output = new ArrayBufferWriter<byte>();
        var negotiation = new ServerNegotiation(new FakeDirectory(), output);
        List<byte> input = [];
        var buffer = new byte[4096];
        while (true)
        {
            _ = await channel.SendAsync(output.WrittenMemory);
            output.ResetWrittenCount();
            var state = negotiation.Advance(input.ToArray(), out var consumed);
            input.RemoveRange(0, consumed);
            if (state != NegotiationState.Haggling)
            {
                Style = negotiation.Style;
                _ = await channel.SendAsync(output.WrittenMemory);
                return;
            }
            if (consumed == 0)
            {
                var read = await channel.ReceiveAsync(buffer);
                if (read.IsEnd)
                {
                    return;
                }
                input.AddRange(buffer.AsSpan(0, read.Count));
            }
        }
    }
}
