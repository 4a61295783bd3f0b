using System.Buffers.Binary;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;

namespace Tidemark.Fuzz.Targets;

/// <summary>Passes a client's channel through and writes down what the server says, in the turns of <see cref="PlayedServer"/>.</summary>
internal sealed class WrittenDownChannel(ByteChannel channel) : ByteChannel
{
    private readonly List<byte> heard = [];
    private readonly List<byte> turns = [];

    public override string Peer => channel.Peer;

    /// <summary>The turns so far.</summary>
    public byte[] TakeTurns()
    {
        EndTurn();
        return [.. turns];
    }

    public override async ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target)
    {
        var read = await channel.ReceiveAsync(target);
        heard.AddRange(target.Span[..read.Count]);
        return read;
    }

    public override ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data)
    {
        EndTurn();
        return channel.SendAsync(data);
    }

    public override void Abort() => channel.Abort();

    public override ValueTask DisposeAsync() => channel.DisposeAsync();

    private void EndTurn()
    {
        if (heard.Count > 0)
        {
            Span<byte> length = stackalloc byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)heard.Count);
            turns.AddRange(length);
            turns.AddRange(heard);
            heard.Clear();
        }
    }
}
