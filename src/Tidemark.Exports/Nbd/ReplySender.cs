using Tidemark.Block.Contract;
using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Exports.Nbd;

/// <summary>
/// Gathers replies and sends them, one send at a time. Small ones are written behind each other into a buffer; a reply whose
/// data is still being read keeps its place in it and goes out later; a large one lies in a buffer of its own.
/// <code>
///   gathering buffer:  [sent][ready, not sent yet][place of a pending read][ready][free ……]
///   queue:                   segment ───────────────────────────────────►  in this or any other buffer
/// </code>
/// When the channel breaks, everything is dropped, and what is still handed in too.
/// </summary>
internal sealed class ReplySender(ByteChannel channel)
{
    private readonly Queue<Segment> queue = new();
    private readonly LoopSignal progress = new();
    private SharedBuffer gathering = new(Limits.GatherBytes);
    private int readyFrom;
    private int writtenTo;
    private bool isSending;
    private bool isFlushScheduled;

    private readonly record struct Segment(SharedBuffer Buffer, int Offset, int Length, FileRun? File = null);

    /// <summary>A run of a file that follows the bytes of its segment.</summary>
    private sealed class FileRun(HostPlace place, int length)
    {
        public HostPlace Place => place;
        public int Length => length;
        public Completion<bool> Ended { get; } = new();
    }

    /// <summary>Bytes handed in and not sent yet.</summary>
    public long Unsent { get; private set; }

    /// <summary>Whether the channel broke.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether nothing waits to be sent.</summary>
    public bool IsIdle => !isSending && Unsent == 0;

    /// <summary>Room for a reply of up to <paramref name="bytes"/>; what is used of it is told to <see cref="Advance"/> or <see cref="SetAside"/>.</summary>
    public Span<byte> Reserve(int bytes)
    {
        EnsureRoom(bytes);
        return gathering.Span.Slice(writtenTo, bytes);
    }

    /// <summary>As <see cref="Reserve"/>, as memory.</summary>
    public Memory<byte> ReserveMemory(int bytes)
    {
        EnsureRoom(bytes);
        return gathering.Memory.Slice(writtenTo, bytes);
    }

    /// <summary>The first <paramref name="bytes"/> of the reserved room are a reply, ready to be sent.</summary>
    public void Advance(int bytes)
    {
        writtenTo += bytes;
        Unsent += bytes;
    }

    /// <summary>
    /// The first <paramref name="bytes"/> of the reserved room belong to a reply that isn't ready: hand them in by <see cref="Append"/> with
    /// the buffer and offset returned here, or drop the stake in the buffer.
    /// </summary>
    public (SharedBuffer Buffer, int Offset) SetAside(int bytes)
    {
        QueueReady();
        gathering.Share();
        var place = (gathering, writtenTo);
        writtenTo += bytes;
        readyFrom = writtenTo;
        return place;
    }

    /// <summary>A reply that lies in a buffer already, behind all that was handed in before; takes over the caller's stake.</summary>
    public void Append(SharedBuffer buffer, int offset, int length)
    {
        QueueReady();
        Unsent += length;
        queue.Enqueue(new Segment(buffer, offset, length));
    }

    /// <summary>
    /// The first <paramref name="headerBytes"/> of the reserved room are a reply's header, its data the <paramref name="length"/> bytes
    /// of a file. Returns when they are out, or the channel broke: the file's bytes are needed until then.
    /// </summary>
    public async ValueTask SendFileAsync(int headerBytes, HostPlace place, int length)
    {
        QueueReady();
        gathering.Share();
        var run = new FileRun(place, length);
        queue.Enqueue(new Segment(gathering, writtenTo, headerBytes, run));
        writtenTo += headerBytes;
        readyFrom = writtenTo;
        Unsent += headerBytes + length;
        Flush();
        _ = await run.Ended.Task;
    }

    /// <summary>Sends what is ready, in line as far as the channel takes it.</summary>
    public void Flush()
    {
        while (!isSending && TakeNext(out var segment))
        {
            var task = Send(segment);
            if (!task.IsCompletedSuccessfully)
            {
                isSending = true;
                _ = FinishAsync(task, segment);
                return;
            }
            End(segment, task.GetAwaiter().GetResult());
        }
    }

    /// <summary>Sends what is ready after all that the loop has to run now: what completes in one turn goes out together.</summary>
    public void FlushSoon()
    {
        if (!isFlushScheduled)
        {
            isFlushScheduled = true;
            LoopContext.Current.Enqueue(
                static self =>
                {
                    var sender = (ReplySender)self!;
                    sender.isFlushScheduled = false;
                    sender.Flush();
                },
                this
            );
        }
    }

    /// <summary>Waits until something was sent, or the channel broke.</summary>
    public ValueTask WaitForProgressAsync() => progress.WaitAsync();

    /// <summary>Waits until all is sent, or the channel broke.</summary>
    public async ValueTask DrainAsync()
    {
        Flush();
        while (isSending)
        {
            await progress.WaitAsync();
        }
    }

    /// <summary>Gives its buffers back. Nothing is being sent.</summary>
    public void Close()
    {
        Invariant.That(!isSending, "a sender is closed after its last send");
        while (queue.TryDequeue(out var segment))
        {
            Release(segment);
        }
        gathering.Drop();
    }

    private async Task FinishAsync(ValueTask<IoStatus> task, Segment segment)
    {
        var status = await task;
        isSending = false;
        End(segment, status);
        Flush();
        progress.Wake();
    }

    private ValueTask<IoStatus> Send(Segment segment)
    {
        var bytes = segment.Buffer.Memory.Slice(segment.Offset, segment.Length);
        return segment.File is { } run
            ? ((SocketChannel)channel).SendFileAsync(bytes, run.Place.File, run.Place.Offset, run.Length)
            : channel.SendAsync(bytes);
    }

    private void Release(Segment segment)
    {
        segment.Buffer.Drop();
        Unsent -= segment.Length + (segment.File?.Length ?? 0);
        segment.File?.Ended.Set(true);
    }

    private void End(Segment segment, IoStatus status)
    {
        Release(segment);
        if (status != IoStatus.Ok)
        {
            IsBroken = true;
            channel.Abort(); // whoever waits for the client's next request learns it too
        }
    }

    private bool TakeNext(out Segment segment)
    {
        QueueReady();
        while (queue.TryDequeue(out segment))
        {
            // Neighbours in one buffer go out in one send.
            while (
                segment.File is null
                && queue.TryPeek(out var next)
                && next.Buffer == segment.Buffer
                && next.Offset == segment.Offset + segment.Length
            )
            {
                segment = next with { Offset = segment.Offset, Length = segment.Length + next.Length };
                segment.Buffer.Drop();
                _ = queue.Dequeue();
            }
            if (!IsBroken)
            {
                return true;
            }
            Release(segment);
        }
        return false;
    }

    private void QueueReady()
    {
        if (writtenTo > readyFrom)
        {
            gathering.Share();
            queue.Enqueue(new Segment(gathering, readyFrom, writtenTo - readyFrom));
            readyFrom = writtenTo;
        }
    }

    private void EnsureRoom(int bytes)
    {
        if (readyFrom == writtenTo && writtenTo > 0 && gathering.IsSole)
        {
            (readyFrom, writtenTo) = (0, 0);
        }
        if (gathering.Length - writtenTo >= bytes)
        {
            return;
        }
        Invariant.That(bytes <= Limits.GatherBytes, "what is gathered fits into the buffer");
        QueueReady();
        gathering.Drop();
        gathering = new SharedBuffer(Limits.GatherBytes);
        (readyFrom, writtenTo) = (0, 0);
    }
}
