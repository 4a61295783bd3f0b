using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;

namespace Tidemark.Nbd.Client;

/// <summary>What has arrived on a channel and wasn't consumed yet, in one buffer of fixed size.</summary>
internal sealed class ChannelReader(ByteChannel channel, int capacity) : IDisposable
{
    private readonly AlignedBuffer buffer = AlignedBufferPool.Shared.Rent(capacity);
    private int start;
    private int end;

    /// <summary>What is there.</summary>
    public ReadOnlySpan<byte> Available => buffer.GetSpan()[start..end];

    /// <summary>Drops the first <paramref name="count"/> bytes of <see cref="Available"/>.</summary>
    public void Consume(int count)
    {
        Invariant.That(count <= end - start, "only what is there is consumed");
        start += count;
        if (start == end)
        {
            (start, end) = (0, 0);
        }
    }

    /// <summary>Waits until <paramref name="count"/> bytes (at most the capacity) are there; otherwise how the channel ended.</summary>
    public async ValueTask<IoStatus> FillAsync(int count)
    {
        Invariant.That(count <= buffer.Length, "a message fits into the buffer");
        if (buffer.Length - start < count)
        {
            buffer.GetSpan()[start..end].CopyTo(buffer.GetSpan());
            (start, end) = (0, end - start);
        }
        while (end - start < count)
        {
            var read = await channel.ReceiveAsync(buffer.Memory[end..]);
            if (read.IsEnd)
            {
                return read.Status == IoStatus.Ok ? IoStatus.ConnectionReset : read.Status;
            }
            end += read.Count;
        }
        return IoStatus.Ok;
    }

    /// <summary>Moves up to <paramref name="target"/>'s length of what is there into it; returns how much.</summary>
    public int CopyTo(Span<byte> target)
    {
        var count = Math.Min(target.Length, end - start);
        buffer.GetSpan().Slice(start, count).CopyTo(target);
        Consume(count);
        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable)buffer).Dispose();
}
