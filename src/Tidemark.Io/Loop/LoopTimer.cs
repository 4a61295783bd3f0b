namespace Tidemark.Io.Loop;

/// <summary>One timer of a <see cref="LoopClock"/>; its fields belong to the clock's lock.</summary>
internal sealed class LoopTimer(LoopClock clock, TimerCallback callback, object? state) : ITimer
{
    public readonly TimerCallback Callback = callback;
    public readonly object? State = state;
    public int HeapIndex = -1;
    public long DueTicks;
    public long PeriodTicks;
    public long Arrival;
    public bool IsDisposed;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        clock.Arm(this, dueTime, period);
        return !IsDisposed;
    }

    public void Dispose() => clock.Disarm(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
