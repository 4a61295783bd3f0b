using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Io.Simulated;

/// <summary>One end of a simulated connection.</summary>
internal sealed class SimulatedChannel : SocketChannel
{
    private readonly SimulatedMachine machine;
    private readonly SimulatedEngine engine;
    private readonly SimulatedPipe incoming;
    private readonly SimulatedPipe outgoing;
    private bool isReceiving;
    private bool isSending;
    private bool isAborted;

    public SimulatedChannel(
        SimulatedMachine machine,
        SimulatedEngine engine,
        string peer,
        SimulatedPipe incoming,
        SimulatedPipe outgoing
    )
    {
        this.machine = machine;
        this.engine = engine;
        this.incoming = incoming;
        this.outgoing = outgoing;
        Peer = peer;
        engine.Track(this);
    }

    public override string Peer { get; }

    public override async ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target)
    {
        Invariant.That(!isReceiving && target.Length > 0, "one receive is under way at a time, with room for a byte");
        isReceiving = true;
        await MeetFaultAsync(SimulatedOperation.Receive);
        while (!incoming.HasBytes && !IsOver(incoming))
        {
            await incoming.Readable.WaitAsync();
        }
        isReceiving = false;
        if (isAborted || incoming.IsReset)
        {
            return new ChannelRead(IoStatus.ConnectionReset, 0);
        }
        return new ChannelRead(IoStatus.Ok, incoming.HasBytes ? incoming.Take(target.Span) : 0);
    }

    public override async ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data)
    {
        Invariant.That(!isSending, "one send is under way at a time");
        isSending = true;
        await MeetFaultAsync(SimulatedOperation.Send);
        while (data.Length > 0 && !IsOver(outgoing))
        {
            var count = outgoing.Accept(data.Span);
            data = data[count..];
            if (data.Length > 0)
            {
                await outgoing.Writable.WaitAsync();
            }
        }
        isSending = false;
        return IsOver(outgoing) ? IoStatus.BrokenPipe : IoStatus.Ok;
    }

    public override async ValueTask<IoStatus> SendFileAsync(
        ReadOnlyMemory<byte> header,
        StorageFile file,
        long offset,
        long length
    )
    {
        var status = await SendAsync(header);
        var buffer = new byte[SparseContent.PageBytes];
        while (status == IoStatus.Ok && length > 0)
        {
            var count = (int)Math.Min(length, buffer.Length);
            // By reference, as the kernel does it: a change of the file in between is seen.
            ((SimulatedFile)file).Inode.Content.Read(offset, buffer.AsSpan(0, count));
            status = await SendAsync(buffer.AsMemory(0, count));
            offset += count;
            length -= count;
        }
        return status;
    }

    public override void Abort()
    {
        if (isAborted)
        {
            return;
        }
        isAborted = true;
        if (incoming.IsEmpty)
        {
            outgoing.End();
        }
        else
        {
            // Unread bytes at the close break the connection the other way too, as TCP does.
            outgoing.Reset();
        }
        incoming.Reset();
        outgoing.Writable.Wake();
    }

    public override ValueTask DisposeAsync()
    {
        Abort();
        engine.Forget(this);
        return ValueTask.CompletedTask;
    }

    private bool IsOver(SimulatedPipe pipe) => isAborted || pipe.IsReset || pipe.IsEnded;

    private async ValueTask MeetFaultAsync(SimulatedOperation operation)
    {
        if (engine.IsDead)
        {
            _ = await SimulatedEngine.Never<bool>();
        }
        machine.Note(operation, 0, 0);
        var (status, crash) = machine.Faults.Next(operation, Peer);
        if (crash is { } kind)
        {
            machine.Crash(kind);
            _ = await SimulatedEngine.Never<bool>();
        }
        if (status != IoStatus.Ok)
        {
            incoming.Reset();
            outgoing.Reset();
        }
    }
}
