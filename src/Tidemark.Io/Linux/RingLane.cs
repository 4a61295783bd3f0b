using Tidemark.Core.Errors;
using Tidemark.Io.Loop;

namespace Tidemark.Io.Linux;

/// <summary>
/// The way of reads, writes and flushes through a loop's ring. What is started during a turn is submitted together at its
/// end by one system call, which also takes what has completed; only a loop with nothing to do is woken by the ring's
/// eventfd in its epoll set.
/// </summary>
internal sealed unsafe class RingLane : PollSource, ITurnHook, IDisposable
{
    private const uint Entries = 256;

    // The kernel moves at most 2 GiB − 4 KiB at once; what is longer is continued.
    private const long MaxTransferBytes = 1 << 30;

    private readonly KernelEngine engine;
    private readonly Ring ring;
    private readonly Queue<FileOperation> waiting = new();
    private int underWay;

    public RingLane(KernelEngine engine)
    {
        this.engine = engine;
        ring = Ring.Create(Entries);
        ring.IsEventEnabled = false;
        engine.EventLoop.Poller.Add(ring.Event, Libc.EPOLLIN | Libc.EPOLLET, this);
        engine.EventLoop.SetHook(this);
    }

    public void Start(FileOperation operation)
    {
        if (waiting.Count > 0 || !TryPrepare(operation))
        {
            waiting.Enqueue(operation);
        }
    }

    // The end of the turn looks for itself.
    public override void OnReady(uint events) { }

    public bool BeginSleep()
    {
        ring.IsEventEnabled = true;
        // Full fence: what ended before the kernel could see the flag is seen here.
        Interlocked.MemoryBarrier();
        return !ring.HasWork;
    }

    public void EndSleep() => ring.IsEventEnabled = false;

    public void EndTurn()
    {
        if (ring.HasPending || ring.HasLeftBehind || ring.HasWork)
        {
            ring.Enter();
        }
        TakeCompletions();
        while (waiting.TryPeek(out var next) && TryPrepare(next))
        {
            _ = waiting.Dequeue();
        }
        if (ring.HasPending || ring.HasLeftBehind)
        {
            // Short transfers and those that waited go on in the next turn, which must come at once.
            engine.EventLoop.Enqueue(Nothing, null);
        }
    }

    public void Dispose()
    {
        Invariant.That(underWay == 0 && waiting.Count == 0, "the ring is closed when its requests have ended");
        engine.EventLoop.Poller.Remove(ring.Event, this);
        engine.EventLoop.SetHook(null);
        ring.Dispose();
    }

    private static readonly Action<object?> Nothing = static _ => { };

    private bool TryPrepare(FileOperation operation)
    {
        if (underWay >= ring.Capacity)
        {
            return false;
        }
        var entry = ring.Prepare();
        if (entry == null)
        {
            return false;
        }
        underWay++;
        entry->Descriptor = operation.File.Descriptor;
        entry->UserData = (ulong)operation.Id;
        if (operation.Verb == FileVerb.Flush)
        {
            entry->Operation = Ring.FlushOperation;
            entry->OperationFlags = Ring.DataOnly;
            return true;
        }
        entry->Operation = operation.Verb == FileVerb.Read ? Ring.ReadOperation : Ring.WriteOperation;
        entry->Offset = (ulong)(operation.Offset + operation.Done);
        entry->Address = (ulong)(operation.Pointer + operation.Done);
        entry->Length = (uint)Math.Min(operation.Length - operation.Done, MaxTransferBytes);
        return true;
    }

    private void TakeCompletions()
    {
        while (ring.TryTake(out var completion))
        {
            underWay--;
            var operation = engine.OperationAt((int)completion.UserData);
            if (Advance(operation, completion.Result) is { } status)
            {
                operation.Finish(status);
            }
            else
            {
                Start(operation);
            }
        }
    }

    /// <summary>The outcome, or null if the request goes on.</summary>
    private static IoStatus? Advance(FileOperation operation, int result)
    {
        if (result < 0)
        {
            return -result is Libc.EINTR or Libc.EAGAIN ? null : (IoStatus)(-result);
        }
        operation.Done += result;
        if (operation.Verb == FileVerb.Flush || operation.Done == operation.Length)
        {
            return IoStatus.Ok;
        }
        if (operation.Verb == FileVerb.Write)
        {
            return result == 0 ? IoStatus.NoSpace : AlignDown(operation);
        }
        if (result == 0 || operation.File.EndsBy(operation.Offset + operation.Done))
        {
            new Span<byte>(operation.Pointer + operation.Done, (int)(operation.Length - operation.Done)).Clear();
            return IoStatus.Ok;
        }
        return AlignDown(operation);
    }

    /// <summary>A direct request goes on at a multiple of the alignment; one that makes no progress so fails.</summary>
    private static IoStatus? AlignDown(FileOperation operation)
    {
        var extra = (operation.Offset + operation.Done) % operation.File.RequestAlignment;
        operation.Done -= extra;
        return operation.Done <= 0 ? IoStatus.IoError : null;
    }
}
