using Tidemark.Core.Channels;
using Tidemark.Core.Errors;

namespace Tidemark.Io.Linux;

/// <summary>
/// Standard input and output as one channel. They may be a terminal or a file that other processes share, so they are not
/// made non-blocking: reads and writes block on a worker instead. <see cref="Abort"/> can't end a read that waits for a
/// person; it ends the receive and leaves the worker behind, which the process's end takes along.
/// </summary>
internal sealed class StdioChannel(KernelEngine engine, int inputDescriptor = 0, int outputDescriptor = 1) : ByteChannel
{
    private const int BufferBytes = 64 << 10;

    private DescriptorTransfer? receiving;
    private DescriptorTransfer? sending;
    private byte[] input = [];
    private int inputStart;
    private int inputEnd;
    private bool isAborted;

    public override string Peer => "stdio";

    public override async ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target)
    {
        Invariant.That(receiving is null, "one receive is under way at a time");
        if (isAborted)
        {
            return new ChannelRead(IoStatus.ConnectionReset, 0);
        }
        if (inputStart == inputEnd)
        {
            if (input.Length == 0)
            {
                input = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
            }
            // Into a buffer of our own: the caller's may be gone when an aborted read comes back.
            receiving = new DescriptorTransfer(inputDescriptor, isWrite: false, input);
            StdioThread.Start(engine.EventLoop, receiving);
            var count = await receiving.Done.Task;
            receiving = null;
            if (count <= 0)
            {
                return new ChannelRead((IoStatus)(-count), 0);
            }
            (inputStart, inputEnd) = (0, (int)count);
        }
        var length = Math.Min(target.Length, inputEnd - inputStart);
        input.AsMemory(inputStart, length).CopyTo(target);
        inputStart += length;
        return new ChannelRead(IoStatus.Ok, length);
    }

    public override async ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data)
    {
        Invariant.That(sending is null, "one send is under way at a time");
        if (isAborted)
        {
            return IoStatus.BrokenPipe;
        }
        using var pin = data.Pin();
        sending = new DescriptorTransfer(outputDescriptor, isWrite: true, data);
        engine.Block(sending);
        var count = await sending.Done.Task;
        sending = null;
        return count < 0 ? (IoStatus)(-count) : IoStatus.Ok;
    }

    public override void Abort()
    {
        isAborted = true;
        _ = receiving?.Done.TrySet(-(int)IoStatus.ConnectionReset);
    }

    public override ValueTask DisposeAsync()
    {
        Abort();
        return ValueTask.CompletedTask;
    }
}
