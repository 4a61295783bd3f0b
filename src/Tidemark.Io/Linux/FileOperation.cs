using System.Buffers;
using System.Threading.Tasks.Sources;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Io.Linux;

/// <summary>
/// One request of a file that could not be served in line, on its way through the ring or a worker. Taken from its
/// engine's stock and given back when its task has been awaited, so that a request allocates nothing. All but
/// <see cref="Execute"/> on the loop's thread.
/// </summary>
internal sealed unsafe class FileOperation(KernelEngine engine, int id) : IWorkItem, IValueTaskSource<IoStatus>
{
    public readonly int Id = id;
    public KernelFile File = null!;
    public FileVerb Verb;
    public long Offset;
    public long Length;
    public byte* Pointer;
    public bool MayUnmap;

    /// <summary>Whether it is one of its file's background writes, which take turns.</summary>
    public bool IsInLane;
    public KernelFile? Source;
    public long SourceOffset;

    /// <summary>Bytes of <see cref="Length"/> that the kernel has moved so far.</summary>
    public long Done;

    private MemoryHandle pin;
    private IoStatus status;
    private bool isDone;
    private short version;
    private Action<object?>? continuation;
    private object? state;

    public ValueTask<IoStatus> Task => new(this, version);

    public void Pin(ReadOnlyMemory<byte> memory)
    {
        pin = memory.Pin();
        Pointer = (byte*)pin.Pointer;
        Length = memory.Length;
    }

    /// <summary>The whole request by blocking calls, from <see cref="Done"/> on.</summary>
    public void Execute() =>
        status = Verb switch
        {
            FileVerb.Read => FileCalls.Read(File, Offset + Done, Pointer + Done, Length - Done),
            FileVerb.Write => FileCalls.Write(File, Offset + Done, Pointer + Done, Length - Done),
            FileVerb.Flush => FileCalls.Flush(File),
            FileVerb.PunchHole => FileCalls.PunchHole(File, Offset, Length),
            FileVerb.WriteZeroes => FileCalls.WriteZeroes(File, Offset, Length, MayUnmap),
            FileVerb.Discard => FileCalls.Discard(File, Offset, Length),
            FileVerb.Allocate => FileCalls.Allocate(File, Offset, Length),
            FileVerb.Truncate => FileCalls.Truncate(File, Length),
            FileVerb.Copy => FileCalls.Copy(Source!, SourceOffset, File, Offset, Length),
            _ => throw Invariant.Unreachable("all verbs are listed"),
        };

    public void Finish() => Finish(status);

    public void Finish(IoStatus result)
    {
        Invariant.That(!isDone, "a request ends once");
        pin.Dispose();
        pin = default;
        status = result;
        isDone = true;
        if (IsInLane)
        {
            IsInLane = false;
            File.LeaveLane();
        }
        File.Leave();
        Source?.Leave();
        engine.Ended();
        var waiter = continuation;
        continuation = null;
        if (waiter is not null)
        {
            engine.EventLoop.Enqueue(waiter, state);
        }
    }

    IoStatus IValueTaskSource<IoStatus>.GetResult(short token)
    {
        Invariant.That(token == version && isDone, "a request's task is awaited once, at its end");
        var result = status;
        version++;
        isDone = false;
        state = null;
        File = null!;
        Source = null;
        Done = 0;
        engine.GiveBack(this);
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<IoStatus>.GetStatus(short token)
    {
        Invariant.That(token == version, "a request's task is awaited once");
        return isDone ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    void IValueTaskSource<IoStatus>.OnCompleted(
        Action<object?> waiter,
        object? waiterState,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    )
    {
        Invariant.That(token == version && continuation is null, "a request has one waiter");
        Invariant.That(LoopContext.Current == engine.EventLoop, "a request is awaited on its own loop");
        if (isDone)
        {
            engine.EventLoop.Enqueue(waiter, waiterState);
            return;
        }
        continuation = waiter;
        state = waiterState;
    }
}
