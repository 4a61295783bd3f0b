using Tidemark.Core.Errors;

namespace Tidemark.Core.Channels;

/// <summary>
/// A two-way stream of bytes to a peer: a socket, a pair of pipes, or a simulated link. Protocol rooms speak over it and
/// never open one. At most one receive and one send are under way at a time. All calls on the loop that owns the channel.
/// </summary>
public abstract class ByteChannel : IAsyncDisposable
{
    /// <summary>Who is at the other end, for messages ("unix:/run/x.sock", "127.0.0.1:10809", "stdio").</summary>
    public abstract string Peer { get; }

    /// <summary>
    /// Takes what has arrived, at least one byte, waiting for it if need be. Count 0 with <see cref="IoStatus.Ok"/> is the end
    /// of the stream. Complete on return when bytes were already there.
    /// </summary>
    public abstract ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target);

    /// <summary>Sends all of <paramref name="data"/>. The memory may be reused once the task is complete.</summary>
    public abstract ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data);

    /// <summary>
    /// Sends all of <paramref name="header"/> and then all of <paramref name="payload"/>, together where the channel can. Both
    /// memories may be reused once the task is complete. Counts as one send.
    /// </summary>
    public virtual ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> payload)
    {
        var first = SendAsync(header);
        return first.IsCompletedSuccessfully && payload.IsEmpty ? first : SendSecondAsync(first, payload);
    }

    private async ValueTask<IoStatus> SendSecondAsync(ValueTask<IoStatus> first, ReadOnlyMemory<byte> payload)
    {
        var status = await first;
        return status == IoStatus.Ok && !payload.IsEmpty ? await SendAsync(payload) : status;
    }

    /// <summary>
    /// Ends both directions at once: a receive or send under way ends with an error or the end of the stream. May be called
    /// while they are under way, and more than once.
    /// </summary>
    public abstract void Abort();

    /// <summary>Closes the channel after <see cref="Abort"/> and frees it.</summary>
    public abstract ValueTask DisposeAsync();
}
