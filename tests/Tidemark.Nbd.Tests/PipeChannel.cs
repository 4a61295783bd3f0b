using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;

namespace Tidemark.Nbd.Tests;

/// <summary>One end of a link in memory; what is sent at one end arrives at the other, in pieces of at most <c>pieceBytes</c>.</summary>
internal sealed class PipeChannel : ByteChannel
{
    private readonly Queue<byte> arrived = new();
    private readonly LoopSignal news = new();
    private readonly int pieceBytes;
    private PipeChannel? other;
    private bool isEnded;
    private bool noMore;

    private PipeChannel(int pieceBytes) => this.pieceBytes = pieceBytes;

    public override string Peer => "pipe";

    /// <summary>Everything this end has sent.</summary>
    public List<byte> Sent { get; } = [];

    public bool IsDisposed { get; private set; }

    public static (PipeChannel Client, PipeChannel Server) CreatePair(int pieceBytes = int.MaxValue)
    {
        PipeChannel one = new(pieceBytes),
            two = new(pieceBytes);
        (one.other, two.other) = (two, one);
        return (one, two);
    }

    /// <summary>Makes bytes arrive at this end.</summary>
    public void Arrive(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            arrived.Enqueue(b);
        }
        news.Wake();
    }

    /// <summary>Lets the other end finish sending; this one may go on.</summary>
    public void ArriveEnd()
    {
        noMore = true;
        news.Wake();
    }

    public void End()
    {
        isEnded = true;
        news.Wake();
    }

    public override async ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target)
    {
        while (arrived.Count == 0 && !isEnded && !noMore)
        {
            await news.WaitAsync();
        }
        var count = Math.Min(Math.Min(target.Length, pieceBytes), arrived.Count);
        for (var i = 0; i < count; i++)
        {
            target.Span[i] = arrived.Dequeue();
        }
        return new ChannelRead(IoStatus.Ok, count);
    }

    public override ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data)
    {
        if (isEnded)
        {
            return new(IoStatus.BrokenPipe);
        }
        Sent.AddRange(data.Span);
        other!.Arrive(data.Span);
        return new(IoStatus.Ok);
    }

    public override void Abort()
    {
        arrived.Clear();
        End();
        other!.End();
    }

    public override ValueTask DisposeAsync()
    {
        IsDisposed = true;
        Abort();
        return ValueTask.CompletedTask;
    }
}
