using System.Buffers;
using System.Text;
using Tidemark.Nbd.Handshake;

namespace Tidemark.Nbd.Tests.Handshake;

/// <summary>A client by hand for <see cref="ServerNegotiation"/>: says bytes, and reads the answers as lines of text.</summary>
internal sealed class Haggler
{
    private readonly ArrayBufferWriter<byte> output = new();
    private readonly List<byte> input = [];

    public Haggler(uint clientFlags = 3)
    {
        Server = new ServerNegotiation(new FakeDirectory(), output);
        Greeting = output.WrittenSpan.ToArray();
        output.ResetWrittenCount();
        _ = Say(Words.Big32(clientFlags));
    }

    public ServerNegotiation Server { get; }

    public NegotiationState State { get; private set; }

    public byte[] Greeting { get; }

    /// <summary>Says bytes and returns what was answered.</summary>
    public byte[] Say(params byte[] bytes)
    {
        input.AddRange(bytes);
        while (State == NegotiationState.Haggling)
        {
            State = Server.Advance(input.ToArray(), out var consumed);
            input.RemoveRange(0, consumed);
            if (consumed == 0)
            {
                break;
            }
        }
        var answer = output.WrittenSpan.ToArray();
        output.ResetWrittenCount();
        return answer;
    }

    /// <summary>Sends an option and returns its replies: "ack", "server …", "info N …", "context ID NAME", "error CODE TEXT".</summary>
    public string[] Ask(uint option, params byte[] data)
    {
        var bytes = Say([.. Words.Big64(0x49484156454F5054), .. Words.Big32(option), .. Words.Big32((uint)data.Length), .. data]);
        List<string> replies = [];
        for (var at = 0; at < bytes.Length; )
        {
            Assert.True(OptionReplyHeader.TryParse(bytes.AsSpan(at), out var header));
            Assert.Equal(option, (uint)header.Option);
            replies.Add(Describe(header, bytes.AsSpan(at + OptionReplyHeader.Size, (int)header.Length)));
            at += OptionReplyHeader.Size + (int)header.Length;
        }
        return [.. replies];
    }

    private static string Describe(OptionReplyHeader header, ReadOnlySpan<byte> data) =>
        header.Type switch
        {
            OptionReplyType.Ack => data.IsEmpty ? "ack" : "ack with data",
            OptionReplyType.Server => $"server {Encoding.UTF8.GetString(data[4..])}",
            OptionReplyType.Info => $"info {Hex.Text(data)}",
            OptionReplyType.MetaContext => $"context {data[3]} {Encoding.UTF8.GetString(data[4..])}",
            _ => $"error {(uint)header.Type & 0xff} {Encoding.UTF8.GetString(data)}",
        };
}
