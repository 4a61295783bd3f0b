using System.Runtime.InteropServices;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Io.Loop;

namespace Tidemark.Io.Linux;

/// <summary>
/// The engine over the real kernel. <see cref="LinuxEngine"/> and <see cref="PoolEngine"/> differ only in where a request
/// goes that can't be served in line: through a ring, or to a blocking worker.
/// </summary>
public abstract partial class KernelEngine : IoEngine
{
    // As many blocking calls at once as a fast device has use for; the reference's pool has 64 threads.
    private const int MaxBlockingThreads = 32;

    private readonly List<FileOperation> operations = [];
    private readonly Stack<FileOperation> spare = new();
    private readonly HashSet<IAsyncDisposable> open = [];
    private readonly LoopSignal idle = new();
    private readonly WorkerPool blocking;
    private readonly WorkerPool computing;
    private bool wantsRing;
    private RingLane? ring;
    private int underWay;
    private bool isDisposed;

    private protected KernelEngine(EventLoop loop, bool wantsRing)
    {
        Libc.IgnoreBrokenPipes();
        EventLoop = loop;
        this.wantsRing = wantsRing;
        Random = new Random(Environment.TickCount);
        blocking = new WorkerPool(loop, $"{loop.Name}-io", MaxBlockingThreads);
        computing = new WorkerPool(loop, $"{loop.Name}-work", Environment.ProcessorCount);
    }

    /// <inheritdoc/>
    public override LoopContext Loop => EventLoop;

    /// <inheritdoc/>
    public override Random Random { get; }

    internal EventLoop EventLoop { get; }

    /// <inheritdoc/>
    public override ValueTask<T> OffloadAsync<TState, T>(Func<TState, T> work, TState state)
    {
        var item = new OffloadedWork<TState, T>(work, state);
        computing.Submit(item);
        return item.WaitAsync();
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (isDisposed)
        {
            return;
        }
        isDisposed = true;
        while (underWay > 0)
        {
            await idle.WaitAsync();
        }
        foreach (var resource in open.ToArray())
        {
            await resource.DisposeAsync();
        }
        ring?.Dispose();
        blocking.Stop();
        computing.Stop();
        GC.SuppressFinalize(this);
    }

    internal void Track(IAsyncDisposable resource) => open.Add(resource);

    internal void Forget(IAsyncDisposable resource) => open.Remove(resource);

    internal void Block(IWorkItem item) => blocking.Submit(item);

    internal FileOperation Rent()
    {
        Invariant.That(EventLoop.IsCurrent, "files are used on their loop's thread");
        underWay++;
        if (spare.TryPop(out var operation))
        {
            return operation;
        }
        operation = new FileOperation(this, operations.Count);
        operations.Add(operation);
        return operation;
    }

    internal void GiveBack(FileOperation operation) => spare.Push(operation);

    internal FileOperation OperationAt(int id) => CollectionsMarshal.AsSpan(operations)[id];

    internal void Ended()
    {
        if (--underWay == 0)
        {
            idle.Wake();
        }
    }

    internal void Start(FileOperation operation)
    {
        if (wantsRing && GoesThroughRing(operation) && HasRing())
        {
            ring!.Start(operation);
        }
        else
        {
            blocking.Submit(operation);
        }
    }

    /// <summary>Hands an operation to one of the workers of which there is one per core.</summary>
    internal void StartOnCore(FileOperation operation) => computing.Submit(operation);

    // Buffered writes and all that tmpfs does would only be passed on to the kernel's own workers.
    private static bool GoesThroughRing(FileOperation operation) =>
        operation.Verb switch
        {
            FileVerb.Read => !operation.File.IsMemory,
            FileVerb.Write => operation.File.IsDirect,
            FileVerb.Flush => operation.File.IsRegular,
            _ => false,
        };

    /// <summary>Makes the ring when it is first needed, on the loop's thread, which alone may use it.</summary>
    private bool HasRing()
    {
        if (ring is not null)
        {
            return true;
        }
        try
        {
            ring = new RingLane(this);
            return true;
        }
        catch (BlockException)
        {
            // Allowed at start-up but out of memory or descriptors now: the workers serve as well.
            wantsRing = false;
            return false;
        }
    }
}
