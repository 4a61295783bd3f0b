using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Io.Loop;

namespace Tidemark.Io.Linux;

/// <summary>A listening socket. Out of descriptors or memory it tries again after a while instead of failing.</summary>
internal sealed class KernelListener : ChannelListener
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly KernelEngine engine;
    private readonly int descriptor;
    private readonly string? pathToRemove;
    private readonly Watch watch;
    private readonly Completion<ByteChannel?> accepted = new();
    private bool isWaiting;
    private bool isRetrying;
    private bool isClosed;

    public KernelListener(KernelEngine engine, int descriptor, SocketAddress address, string? pathToRemove)
    {
        this.engine = engine;
        this.descriptor = descriptor;
        this.pathToRemove = pathToRemove;
        Address = address;
        watch = new Watch(this);
        engine.EventLoop.Poller.Add(descriptor, Libc.EPOLLIN | Libc.EPOLLET, watch);
        engine.Track(this);
    }

    public override SocketAddress Address { get; }

    public override ValueTask<ByteChannel?> AcceptAsync()
    {
        Invariant.That(!isWaiting, "one accept is under way at a time");
        if (isClosed)
        {
            return new((ByteChannel?)null);
        }
        if (TryAccept() is { } channel)
        {
            return new(channel);
        }
        isWaiting = true;
        accepted.Reset();
        return accepted.Task;
    }

    public override ValueTask DisposeAsync()
    {
        if (isClosed)
        {
            return ValueTask.CompletedTask;
        }
        isClosed = true;
        engine.EventLoop.Poller.Remove(descriptor, watch);
        engine.Forget(this);
        _ = Libc.Close(descriptor);
        if (pathToRemove is not null)
        {
            _ = Libc.Unlink(pathToRemove);
        }
        if (isWaiting)
        {
            isWaiting = false;
            accepted.Set(null);
        }
        return ValueTask.CompletedTask;
    }

    private unsafe KernelChannel? TryAccept()
    {
        while (true)
        {
            var socket = Libc.Accept(descriptor, null, null, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            if (socket >= 0)
            {
                return KernelSockets.Adopt(engine, socket, Address);
            }
            switch ((int)Libc.LastError)
            {
                case Libc.EAGAIN:
                    return null;
                case Libc.EMFILE or Libc.ENFILE or Libc.ENOBUFS or Libc.ENOMEM:
                    // No new edge will tell when there is room again.
                    RetryLater();
                    return null;
                default:
                    // The connection died in the queue, or a network error that belongs to it: the next one.
                    continue;
            }
        }
    }

    private async void RetryLater()
    {
        if (!isRetrying)
        {
            isRetrying = true;
            await engine.Loop.DelayAsync(RetryDelay, CancellationToken.None);
            isRetrying = false;
            OnReady();
        }
    }

    private void OnReady()
    {
        if (isWaiting && !isClosed && TryAccept() is { } channel)
        {
            isWaiting = false;
            accepted.Set(channel);
        }
    }

    private sealed class Watch(KernelListener listener) : PollSource
    {
        public override void OnReady(uint events) => listener.OnReady();
    }
}
