using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Io.Loop;

namespace Tidemark.Io.Simulated;

/// <summary>
/// The loop of one simulated process, without a kernel under it. Its clock stands still while any process of the machine has
/// something to do; <see cref="SimulatedSchedule"/> moves it.
/// </summary>
internal sealed class SimulatedLoop : LoopContext
{
    private readonly SimulatedSchedule schedule;
    private readonly ReadyQueue ready = new();
    private readonly SharedClock clock;
    private readonly int thread = Environment.CurrentManagedThreadId;

    public SimulatedLoop(SimulatedSchedule schedule)
    {
        this.schedule = schedule;
        clock = new SharedClock(schedule);
    }

    public override TimeProvider Time => clock;

    /// <summary>Simulated time since the machine was made.</summary>
    public TimeSpan Now => schedule.Now;

    /// <summary>Set, nothing of the process runs any more, whatever is ready.</summary>
    public bool IsDead { get; set; }

    /// <summary>Whether it has something to do now.</summary>
    public bool IsReady => !IsDead && ready.Count > 0;

    /// <summary>When its next timer is due; null for none.</summary>
    public long? NextDueTicks => IsDead ? null : clock.NextDueTicks;

    public override void Enqueue(Action<object?> continuation, object? state) => ready.Add(continuation, state);

    public override void Post(SendOrPostCallback d, object? state)
    {
        Invariant.That(Environment.CurrentManagedThreadId == thread, "a simulated run has one thread");
        ready.Add(d, state);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw Invariant.Unreachable("nobody waits for a loop");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Continues with <paramref name="callback"/> after <paramref name="delay"/> of simulated time.</summary>
    public void After(TimeSpan delay, Action callback) =>
        _ = clock.CreateTimer(static state => ((Action)state!)(), callback, delay, Timeout.InfiniteTimeSpan);

    /// <summary>Runs what is ready first.</summary>
    public void RunNext()
    {
        SetSynchronizationContext(this);
        ready.RunNext();
    }

    /// <summary>Runs what its timers wait to do by now.</summary>
    public void FireDue()
    {
        SetSynchronizationContext(this);
        clock.FireDue();
    }

    private sealed class SharedClock(SimulatedSchedule schedule) : LoopClock
    {
        // Any date would do; a constant one makes runs repeat.
        private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long NowTicks => schedule.Now.Ticks;
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => NowTicks;

        public override DateTimeOffset GetUtcNow() => Epoch + new TimeSpan(NowTicks);

        protected override void OnEarlier() { }
    }
}
