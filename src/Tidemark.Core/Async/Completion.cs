using System.Threading.Tasks.Sources;
using Tidemark.Core.Errors;

namespace Tidemark.Core.Async;

/// <summary>
/// A result that one side sets and one side awaits, once each per round; reusable after <see cref="Reset"/>, so that a
/// waiting request costs no allocation. The awaiting code continues on its loop's queue, never inside <see cref="Set"/>:
/// setting a result can't re-enter the caller. Belongs to one loop.
/// </summary>
public sealed class Completion<T> : IValueTaskSource<T>
{
    private Action<object?>? continuation;
    private object? state;
    private LoopContext? loop;
    private T result = default!;
    private short version;

    /// <summary>Whether a result has been set in this round.</summary>
    public bool IsSet { get; private set; }

    /// <summary>The task of this round. Await it once.</summary>
    public ValueTask<T> Task => new(this, version);

    /// <summary>Sets the result and lets the waiter, if there is one yet, continue in its turn.</summary>
    public void Set(T value)
    {
        Invariant.That(!IsSet, "a result is set once a round");
        result = value;
        IsSet = true;
        var waiter = continuation;
        continuation = null;
        if (waiter is not null)
        {
            loop!.Enqueue(waiter, state);
        }
    }

    /// <summary>Sets the result unless there is one already.</summary>
    public bool TrySet(T value)
    {
        if (IsSet)
        {
            return false;
        }
        Set(value);
        return true;
    }

    /// <summary>Begins a new round; the task of the last one must have been awaited.</summary>
    public void Reset()
    {
        version++;
        IsSet = false;
        continuation = null;
        state = null;
        loop = null;
        result = default!;
    }

    T IValueTaskSource<T>.GetResult(short token)
    {
        Invariant.That(token == version && IsSet, "a completion is awaited in its own round");
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token)
    {
        Invariant.That(token == version, "a completion is awaited in its own round");
        return IsSet ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    void IValueTaskSource<T>.OnCompleted(
        Action<object?> waiter,
        object? waiterState,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    )
    {
        Invariant.That(token == version, "a completion is awaited in its own round");
        loop = LoopContext.Current;
        if (IsSet)
        {
            loop.Enqueue(waiter, waiterState);
            return;
        }
        Invariant.That(continuation is null, "one waiter a round");
        continuation = waiter;
        state = waiterState;
    }
}
