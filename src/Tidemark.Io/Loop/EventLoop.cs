using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Io.Linux;

namespace Tidemark.Io.Loop;

/// <summary>
/// A run-to-completion loop over epoll. A turn is: what other threads posted, then a bounded number of ready
/// continuations, then the timers that are due, then the ring's submissions and completions, then the poll (which sleeps
/// only when nothing is ready). Code on the loop therefore runs without locks and is never interrupted between two awaits.
/// <para>
/// An exception that comes out of a callback (an <c>async void</c>, a posted action, a timer) has nobody to catch it: it
/// ends <see cref="Run"/> at once and is thrown from there. Only <see cref="Post"/> may be called from other threads.
/// </para>
/// </summary>
public sealed class EventLoop : LoopContext, IDisposable
{
    /// <summary>How many continuations run before the descriptors are looked at again.</summary>
    internal const int ReadyPerTurn = 256;

    /// <summary>How many busy turns pass before the descriptors are looked at without sleeping.</summary>
    private const int MaxTurnsUnpolled = 4;

    private readonly ReadyQueue ready = new();
    private readonly ConcurrentQueue<(Delegate Callback, object? State)> posted = new();
    private readonly RealClock clock;
    private readonly Poller poller = new();
    private ITurnHook? hook;
    private int sleeping;
    private int turnsUnpolled;
    private bool isRunning;

    /// <summary>A loop that nobody runs yet. It belongs to the thread that will call <see cref="Run"/>.</summary>
    public EventLoop(string name = "main")
    {
        Name = name;
        clock = new RealClock(this);
    }

    /// <summary>Its name, for logs and threads.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override TimeProvider Time => clock;

    internal Poller Poller => poller;

    /// <summary>Whether the calling thread may touch what belongs to the loop: it is the loop's, or nobody runs the loop.</summary>
    internal bool IsOwnedByCaller => IsCurrent || !isRunning;

    /// <inheritdoc/>
    public override void Enqueue(Action<object?> continuation, object? state) => ready.Add(continuation, state);

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsCurrent)
        {
            ready.Add(d, state);
            return;
        }
        PostFromOutside(d, state);
    }

    /// <summary>Not offered: a loop that waits for itself would never wake.</summary>
    public override void Send(SendOrPostCallback d, object? state) => throw Invariant.Unreachable("nobody waits for a loop");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>
    /// Makes the calling thread the loop's, calls <paramref name="main"/> on it and runs the loop until the task that it
    /// returned has ended; throws what it threw. What is still ready then stays queued for the next run.
    /// </summary>
    public void Run(Func<Task> main)
    {
        Invariant.That(!isRunning, "a loop runs once at a time");
        var outer = SynchronizationContext.Current;
        isRunning = true;
        SetSynchronizationContext(this);
        try
        {
            var task = main();
            // Should the task end on some other thread, this wakes the loop to see it.
            task.GetAwaiter().OnCompleted(static () => { });
            while (!task.IsCompleted)
            {
                Turn(task);
            }
            Rethrow(task);
        }
        finally
        {
            isRunning = false;
            SetSynchronizationContext(outer);
        }
    }

    /// <summary>Frees the loop's descriptors; after its last run.</summary>
    public void Dispose()
    {
        Invariant.That(!isRunning, "a running loop is not disposed");
        poller.Dispose();
    }

    internal void PostFromOutside(Delegate callback, object? state)
    {
        posted.Enqueue((callback, state));
        WakeUp();
    }

    internal void WakeUp()
    {
        // Full fence: the entry is visible before the flag is read; the loop sets the flag before it looks for entries.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref sleeping) != 0 && Interlocked.Exchange(ref sleeping, 0) != 0)
        {
            poller.Wake();
        }
    }

    internal void SetHook(ITurnHook? value)
    {
        Invariant.That(value is null || hook is null, "a loop has one ring");
        hook = value;
    }

    private void Turn(Task main)
    {
        TakePosted();
        // What these make ready in turn still belongs to the burst: run to completion, within the bound.
        for (var budget = ReadyPerTurn; budget > 0 && ready.Count > 0; budget--)
        {
            ready.RunNext();
        }
        clock.FireDue();
        hook?.EndTurn();
        if (ready.Count == 0)
        {
            turnsUnpolled = 0;
            if (!main.IsCompleted)
            {
                Sleep();
            }
        }
        else if (++turnsUnpolled >= MaxTurnsUnpolled)
        {
            turnsUnpolled = 0;
            poller.Poll(0);
        }
    }

    private void Sleep()
    {
        Volatile.Write(ref sleeping, 1);
        Interlocked.MemoryBarrier();
        var maySleep = hook is null || hook.BeginSleep();
        poller.Poll(maySleep && posted.IsEmpty ? TimeoutMs() : 0);
        hook?.EndSleep();
        Volatile.Write(ref sleeping, 0);
    }

    private int TimeoutMs()
    {
        if (clock.NextDueTicks is not { } due)
        {
            return -1;
        }
        var wait = due - clock.NowTicks;
        return wait <= 0
            ? 0
            : (int)Math.Min(int.MaxValue, (wait + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
    }

    private void TakePosted()
    {
        while (posted.TryDequeue(out var item))
        {
            ready.Add(item.Callback, item.State);
        }
    }

    private static void Rethrow(Task task)
    {
        if (task.IsCanceled)
        {
            throw new TaskCanceledException(task);
        }
        if (task.Exception is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure.InnerExceptions.Count == 1 ? failure.InnerExceptions[0] : failure);
        }
    }

    private sealed class RealClock(EventLoop loop) : LoopClock
    {
        private readonly long start = Stopwatch.GetTimestamp();

        public override long NowTicks => Stopwatch.GetElapsedTime(start).Ticks;

        protected override void OnEarlier() => loop.WakeUp();
    }
}
