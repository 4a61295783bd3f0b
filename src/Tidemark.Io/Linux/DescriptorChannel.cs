using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Loop;

namespace Tidemark.Io.Linux;

/// <summary>
/// A descriptor that is no socket, and that somebody else has opened: one end of a pipe, a file, a device. What can tell when it is
/// ready (pipes, terminals) is made non-blocking and watched; of the rest nothing waits for anybody but the medium, and workers do that.
/// Files are read and written from the place on where the descriptor is.
/// </summary>
internal sealed class DescriptorChannel : ByteChannel
{
    private readonly KernelEngine engine;
    private readonly int descriptor;
    private readonly Watch watch;
    private readonly bool isWatched;
    private readonly Completion<ChannelRead> received = new();
    private readonly Completion<IoStatus> sent = new();
    private readonly LoopSignal workerEnded = new();
    private Memory<byte> target;
    private ReadOnlyMemory<byte> rest;
    private bool isReceiving;
    private bool isSending;
    private bool isAborted;
    private bool isClosed;
    private int atWork;

    /// <summary>Takes <paramref name="descriptor"/> over, which is open.</summary>
    public DescriptorChannel(KernelEngine engine, int descriptor, string peer)
    {
        (this.engine, this.descriptor, Peer) = (engine, descriptor, peer);
        watch = new Watch(this);
        isWatched = engine.EventLoop.Poller.TryAdd(
            descriptor,
            Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLRDHUP | Libc.EPOLLET,
            watch
        );
        engine.Track(this);
    }

    /// <inheritdoc/>
    public override string Peer { get; }

    /// <inheritdoc/>
    public override ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target)
    {
        Invariant.That(!isReceiving, "one receive is under way at a time");
        Invariant.That(target.Length > 0, "a receive has room for a byte");
        if (isAborted)
        {
            return new(new ChannelRead(IoStatus.ConnectionReset, 0));
        }
        isReceiving = true;
        if (!isWatched)
        {
            return ReceiveByWorkerAsync(target);
        }
        this.target = target;
        received.Reset();
        TryReceive();
        return received.Task;
    }

    /// <inheritdoc/>
    public override ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data)
    {
        Invariant.That(!isSending, "one send is under way at a time");
        if (isAborted)
        {
            return new(IoStatus.BrokenPipe);
        }
        isSending = true;
        if (!isWatched)
        {
            return SendByWorkerAsync(data);
        }
        rest = data;
        sent.Reset();
        TrySend();
        return sent.Task;
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        if (isAborted)
        {
            return;
        }
        isAborted = true;
        if (isWatched && isReceiving)
        {
            EndReceive(new ChannelRead(IoStatus.ConnectionReset, 0));
        }
        if (isWatched && isSending)
        {
            EndSend(IoStatus.BrokenPipe);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (isClosed)
        {
            return;
        }
        isClosed = true;
        Abort();
        while (atWork > 0)
        {
            await workerEnded.WaitAsync();
        }
        if (isWatched)
        {
            engine.EventLoop.Poller.Remove(descriptor, watch);
        }
        engine.Forget(this);
        _ = Libc.Close(descriptor);
    }

    private unsafe void TryReceive()
    {
        fixed (byte* pointer = target.Span)
        {
            nint count;
            do
            {
                count = Libc.Read(descriptor, pointer, target.Length);
            } while (count < 0 && (int)Libc.LastError == Libc.EINTR);
            if (count >= 0)
            {
                EndReceive(new ChannelRead(IoStatus.Ok, (int)count));
            }
            else if ((int)Libc.LastError != Libc.EAGAIN)
            {
                EndReceive(new ChannelRead(Libc.LastError, 0));
            }
        }
    }

    private unsafe void TrySend()
    {
        fixed (byte* pointer = rest.Span)
        {
            var done = 0;
            while (done < rest.Length)
            {
                var count = Libc.Write(descriptor, pointer + done, rest.Length - done);
                if (count >= 0)
                {
                    done += (int)count;
                }
                else if ((int)Libc.LastError == Libc.EAGAIN)
                {
                    rest = rest[done..];
                    return;
                }
                else if ((int)Libc.LastError != Libc.EINTR)
                {
                    EndSend(Libc.LastError);
                    return;
                }
            }
        }
        EndSend(IoStatus.Ok);
    }

    private void EndReceive(ChannelRead read)
    {
        isReceiving = false;
        target = default;
        received.Set(read);
    }

    private void EndSend(IoStatus status)
    {
        isSending = false;
        rest = default;
        sent.Set(status);
    }

    private async ValueTask<ChannelRead> ReceiveByWorkerAsync(Memory<byte> into)
    {
        var count = await WorkAsync(new DescriptorTransfer(descriptor, isWrite: false, into));
        isReceiving = false;
        return count < 0 ? new ChannelRead((IoStatus)(-count), 0) : new ChannelRead(IoStatus.Ok, (int)count);
    }

    private async ValueTask<IoStatus> SendByWorkerAsync(ReadOnlyMemory<byte> data)
    {
        var count = await WorkAsync(new DescriptorTransfer(descriptor, isWrite: true, data));
        isSending = false;
        return count < 0 ? (IoStatus)(-count) : IoStatus.Ok;
    }

    private async ValueTask<long> WorkAsync(DescriptorTransfer transfer)
    {
        atWork++;
        engine.Block(transfer);
        var count = await transfer.Done.Task;
        atWork--;
        workerEnded.Wake();
        return count;
    }

    private void OnReady()
    {
        if (isReceiving)
        {
            TryReceive();
        }
        if (isSending)
        {
            TrySend();
        }
    }

    private sealed class Watch(DescriptorChannel channel) : PollSource
    {
        public override void OnReady(uint events) => channel.OnReady();
    }
}
