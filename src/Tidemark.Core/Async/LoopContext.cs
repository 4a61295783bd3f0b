using Tidemark.Core.Errors;

namespace Tidemark.Core.Async;

/// <summary>
/// The one thread that runs a graph, seen as a place to continue: what is enqueued here runs later on that thread, one
/// after the other, in order. Sequential <c>async</c> code on it needs no locks. The loops of the I/O room derive from it.
/// </summary>
public abstract class LoopContext : SynchronizationContext
{
    /// <summary>The loop that the calling thread runs.</summary>
    public static new LoopContext Current =>
        SynchronizationContext.Current as LoopContext ?? throw Invariant.Unreachable("called on a loop's thread");

    /// <summary>The loop that the calling thread runs, or null on any other thread.</summary>
    public static LoopContext? CurrentOrNull => SynchronizationContext.Current as LoopContext;

    /// <summary>Whether the calling thread is this loop's.</summary>
    public bool IsCurrent => ReferenceEquals(SynchronizationContext.Current, this);

    /// <summary>The loop's clock: real, or simulated.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>Runs <paramref name="continuation"/> later on the loop's thread. Callable only on that thread; allocates nothing.</summary>
    public abstract void Enqueue(Action<object?> continuation, object? state);

    /// <summary>Runs <paramref name="d"/> later on the loop's thread; callable from any thread.</summary>
    public abstract override void Post(SendOrPostCallback d, object? state);

    /// <summary>
    /// Ends after <paramref name="delay"/> on the loop's clock, never before, at once when it is not positive; throws when cancelled.
    /// </summary>
    public async ValueTask DelayAsync(TimeSpan delay, CancellationToken cancel)
    {
        if (delay <= TimeSpan.Zero)
        {
            return;
        }
        // Not Task.Delay, which leaves out what is less than a millisecond.
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = Time.CreateTimer(
            static state => ((TaskCompletionSource)state!).TrySetResult(), // it is over
            over,
            delay,
            Timeout.InfiniteTimeSpan
        );
        using var registration = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), // it is over
            over
        );
        await over.Task;
    }

    /// <summary>
    /// Starts <paramref name="work"/> on the calling loop without anyone waiting for its end. What it throws is not lost: it
    /// comes out of the loop's run, as out of any callback.
    /// </summary>
    public static async void Launch(Func<Task> work) => await work();
}
