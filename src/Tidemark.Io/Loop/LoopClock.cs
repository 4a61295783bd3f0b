using Tidemark.Core.Errors;

namespace Tidemark.Io.Loop;

/// <summary>
/// A loop's clock with its timers in a binary heap, so that <c>Task.Delay(…, loop.Time)</c> and
/// <c>CancellationTokenSource</c> time-outs fire on the loop's thread. Timers may be changed from any thread (a token may be
/// cancelled anywhere), hence the lock around the heap; callbacks run outside of it.
/// </summary>
internal abstract class LoopClock : TimeProvider
{
    private readonly Lock gate = new();
    private LoopTimer[] heap = new LoopTimer[16];
    private int count;
    private long arrivals;

    /// <summary>Time since the clock began, in units of 100 ns; never goes back.</summary>
    public abstract long NowTicks { get; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LoopTimer(this, callback, state);
        _ = timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>When the next timer is due, or null when there is none.</summary>
    public long? NextDueTicks
    {
        get
        {
            lock (gate)
            {
                return count == 0 ? null : heap[0].DueTicks;
            }
        }
    }

    /// <summary>Runs the callbacks of all timers that are due by now, in order of their due times.</summary>
    public void FireDue()
    {
        if (Volatile.Read(ref count) == 0)
        {
            return;
        }
        var now = NowTicks;
        while (TakeDue(now) is { } timer)
        {
            timer.Callback(timer.State);
        }
    }

    /// <summary>Called after the earliest due time has changed, on any thread.</summary>
    protected abstract void OnEarlier();

    internal void Arm(LoopTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        bool earlier;
        lock (gate)
        {
            Remove(timer);
            timer.PeriodTicks = period > TimeSpan.Zero ? period.Ticks : 0;
            if (timer.IsDisposed || dueTime < TimeSpan.Zero)
            {
                return;
            }
            // Rounded up by the clock's grain: a timer is never early.
            timer.DueTicks = NowTicks + dueTime.Ticks + 1;
            timer.Arrival = arrivals++;
            Insert(timer);
            earlier = timer.HeapIndex == 0;
        }
        if (earlier)
        {
            OnEarlier();
        }
    }

    internal void Disarm(LoopTimer timer)
    {
        lock (gate)
        {
            timer.IsDisposed = true;
            Remove(timer);
        }
    }

    private LoopTimer? TakeDue(long now)
    {
        lock (gate)
        {
            if (count == 0 || heap[0].DueTicks > now)
            {
                return null;
            }
            var timer = heap[0];
            Remove(timer);
            if (timer.PeriodTicks > 0)
            {
                timer.DueTicks = now + timer.PeriodTicks;
                timer.Arrival = arrivals++;
                Insert(timer);
            }
            return timer;
        }
    }

    private void Insert(LoopTimer timer)
    {
        if (count == heap.Length)
        {
            Array.Resize(ref heap, count * 2);
        }
        Place(timer, count++);
        Raise(timer);
    }

    private void Remove(LoopTimer timer)
    {
        var index = timer.HeapIndex;
        if (index < 0)
        {
            return;
        }
        Invariant.That(ReferenceEquals(heap[index], timer), "an armed timer knows its place");
        timer.HeapIndex = -1;
        var last = heap[--count];
        heap[count] = null!;
        if (!ReferenceEquals(last, timer))
        {
            Place(last, index);
            Raise(last);
            Sink(last);
        }
    }

    private void Place(LoopTimer timer, int index)
    {
        heap[index] = timer;
        timer.HeapIndex = index;
    }

    private void Raise(LoopTimer timer)
    {
        while (timer.HeapIndex > 0)
        {
            var parent = heap[(timer.HeapIndex - 1) / 2];
            if (!IsBefore(timer, parent))
            {
                return;
            }
            Swap(timer, parent);
        }
    }

    private void Sink(LoopTimer timer)
    {
        while (true)
        {
            var child = (timer.HeapIndex * 2) + 1;
            if (child >= count)
            {
                return;
            }
            if (child + 1 < count && IsBefore(heap[child + 1], heap[child]))
            {
                child++;
            }
            if (!IsBefore(heap[child], timer))
            {
                return;
            }
            Swap(timer, heap[child]);
        }
    }

    private void Swap(LoopTimer one, LoopTimer other)
    {
        var index = one.HeapIndex;
        Place(one, other.HeapIndex);
        Place(other, index);
    }

    private static bool IsBefore(LoopTimer one, LoopTimer other) =>
        one.DueTicks != other.DueTicks ? one.DueTicks < other.DueTicks : one.Arrival < other.Arrival;
}
