using System.Buffers;
using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Io.Loop;

namespace Tidemark.Io.Linux;

/// <summary>
/// A connected stream socket. Each verb is tried in line first; only when the kernel says that it would wait does the rest
/// stay behind in this object until the next edge, which epoll reports without being armed again. A wait costs no allocation.
/// </summary>
internal sealed partial class KernelChannel : SocketChannel
{
    // A peer that waits for each reply costs one vain look in this many receives.
    private const int MaxTrustedWaits = 16;

    private readonly KernelEngine engine;
    private readonly int descriptor;
    private readonly Watch watch;
    private readonly Completion<ChannelRead> received = new();
    private Memory<byte> receiveTarget;
    private bool isReceiving;
    private bool isDrained;
    private bool hasHungUp;
    private int trustedWaits;
    private int trustedWaitsLeft;
    private bool isAborted;
    private bool isClosed;

    public KernelChannel(KernelEngine engine, int descriptor, string peer)
    {
        this.engine = engine;
        this.descriptor = descriptor;
        Peer = peer;
        watch = new Watch(this);
        var events = Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLRDHUP | Libc.EPOLLET;
        engine.EventLoop.Poller.Add(descriptor, events, watch);
        engine.Track(this);
    }

    public override string Peer { get; }

    public override ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target)
    {
        Invariant.That(!isReceiving, "one receive is under way at a time");
        Invariant.That(target.Length > 0, "a receive has room for a byte");
        if (IsWorthALook() && Look(target, out var read))
        {
            return new(read);
        }
        isReceiving = true;
        receiveTarget = target;
        received.Reset();
        return received.Task;
    }

    public override void Abort()
    {
        if (isAborted)
        {
            return;
        }
        isAborted = true;
        _ = Libc.Shutdown(descriptor, Libc.SHUT_RDWR);
        if (isReceiving)
        {
            EndReceive(new ChannelRead(IoStatus.ConnectionReset, 0));
        }
        AbortSend();
    }

    public override async ValueTask DisposeAsync()
    {
        if (isClosed)
        {
            return;
        }
        isClosed = true;
        Abort();
        if (workerSend is not null)
        {
            await workerEnded.Task;
        }
        engine.EventLoop.Poller.Remove(descriptor, watch);
        engine.Forget(this);
        ClosePassed();
        _ = Libc.Close(descriptor);
    }

    /// <summary>
    /// Whether to look for bytes now. After a receive that took all there was, an edge will tell of more (epoll(7), question 9); a
    /// look pays only if the peer sends while it is being answered, which it is taken to do as long as looking finds something.
    /// </summary>
    private bool IsWorthALook()
    {
        if (!isDrained || hasHungUp || isAborted)
        {
            return true;
        }
        if (trustedWaitsLeft > 0)
        {
            trustedWaitsLeft--;
            return false;
        }
        return true;
    }

    private bool Look(Memory<byte> target, out ChannelRead read)
    {
        var wasDrained = isDrained;
        var found = TryReceive(target, out read);
        if (wasDrained)
        {
            trustedWaits = found ? 0 : Math.Min(MaxTrustedWaits, (trustedWaits * 2) + 1);
            trustedWaitsLeft = trustedWaits;
        }
        return found;
    }

    private unsafe bool TryReceive(Memory<byte> target, out ChannelRead read)
    {
        if (isAborted)
        {
            read = new ChannelRead(IoStatus.ConnectionReset, 0);
            return true;
        }
        fixed (byte* pointer = target.Span)
        {
            while (true)
            {
                var count = Receive(pointer, target.Length);
                isDrained = count < target.Length;
                if (count >= 0)
                {
                    read = new ChannelRead(IoStatus.Ok, (int)count);
                    return true;
                }
                var error = Libc.LastError;
                if ((int)error == Libc.EINTR)
                {
                    continue;
                }
                read = new ChannelRead(error, 0);
                return (int)error != Libc.EAGAIN;
            }
        }
    }

    private void EndReceive(ChannelRead read)
    {
        isReceiving = false;
        receiveTarget = default;
        received.Set(read);
    }

    private void OnReady(uint events)
    {
        const uint Readable = Libc.EPOLLIN | Libc.EPOLLRDHUP | Libc.EPOLLHUP | Libc.EPOLLERR;
        const uint Writable = Libc.EPOLLOUT | Libc.EPOLLHUP | Libc.EPOLLERR;
        // What was there when the peer hung up is read to its end without another edge.
        hasHungUp |= (events & (Libc.EPOLLRDHUP | Libc.EPOLLHUP | Libc.EPOLLERR)) != 0;
        if ((events & Readable) != 0 && isReceiving && TryReceive(receiveTarget, out var read))
        {
            EndReceive(read);
        }
        if ((events & Writable) != 0)
        {
            ContinueSend();
        }
    }

    private sealed class Watch(KernelChannel channel) : PollSource
    {
        public override void OnReady(uint events) => channel.OnReady(events);
    }
}
