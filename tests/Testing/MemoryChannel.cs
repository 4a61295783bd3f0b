using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;

namespace Tidemark.Testing;

/// <summary>
/// One end of a link in memory: what one end sends, the other receives, in pieces of random size if a chance is given. At most
/// <c>capacityBytes</c> are under way in a direction; a sender beyond that waits for the receiver, as with a socket.
/// </summary>
public sealed class MemoryChannel : ByteChannel
{
    private readonly Queue<byte[]> arrived = new();
    private readonly LoopSignal changed = new();
    private readonly Random? splitter;
    private readonly int capacityBytes;
    private MemoryChannel other = null!; // Set by Pair before anyone has the channel.
    private int pendingBytes;
    private bool ended;
    private bool inputEnded;

    private MemoryChannel(string peer, Random? splitter, int capacityBytes)
    {
        Peer = peer;
        this.splitter = splitter;
        this.capacityBytes = capacityBytes;
    }

    /// <inheritdoc/>
    public override string Peer { get; }

    /// <summary>Bytes that wait here to be received.</summary>
    public int PendingBytes => pendingBytes;

    /// <summary>Two ends of one link.</summary>
    public static (MemoryChannel Client, MemoryChannel Server) Pair(Random? splitter = null, int capacityBytes = 64 * 1024)
    {
        var client = new MemoryChannel("server", splitter, capacityBytes);
        var server = new MemoryChannel("client", splitter, capacityBytes) { other = client };
        client.other = server;
        return (client, server);
    }

    /// <inheritdoc/>
    public override async ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target)
    {
        while (arrived.Count == 0)
        {
            if (ended || inputEnded)
            {
                return new ChannelRead(IoStatus.Ok, 0);
            }
            await changed.WaitAsync();
        }
        var piece = arrived.Dequeue();
        var count = Math.Min(piece.Length, target.Length);
        piece.AsSpan(0, count).CopyTo(target.Span);
        if (count < piece.Length)
        {
            var rest = arrived.ToArray();
            arrived.Clear();
            arrived.Enqueue(piece[count..]);
            Array.ForEach(rest, arrived.Enqueue);
        }
        pendingBytes -= count;
        other.changed.Wake();
        return new ChannelRead(IoStatus.Ok, count);
    }

    /// <inheritdoc/>
    public override async ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            while (!ended && !other.ended && other.pendingBytes >= capacityBytes)
            {
                await changed.WaitAsync();
            }
            if (ended || other.ended)
            {
                return IoStatus.BrokenPipe;
            }
            var room = Math.Min(data.Length, capacityBytes - other.pendingBytes);
            var count = splitter is null ? room : splitter.Next(1, room + 1);
            other.arrived.Enqueue(data[..count].ToArray());
            other.pendingBytes += count;
            other.changed.Wake();
            data = data[count..];
        }
        return IoStatus.Ok;
    }

    /// <summary>Ends the direction to the other end alone, as a half-closed socket does.</summary>
    public void CloseSending()
    {
        other.inputEnded = true;
        other.changed.Wake();
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        ended = true;
        other.ended = true;
        changed.Wake();
        other.changed.Wake();
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        Abort();
        return ValueTask.CompletedTask;
    }
}
