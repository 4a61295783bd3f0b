using System.Runtime.ExceptionServices;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Io.Loop;

namespace Tidemark.Io.Simulated;

/// <summary>
/// A loop without a kernel under it: one thread, and a clock that stands still while anything is ready and then jumps to
/// the next timer. When there is neither, the run can never end, and says so.
/// </summary>
internal sealed class SimulatedLoop(int seed, TimeSpan start, long maxSteps) : LoopContext
{
    private readonly ReadyQueue ready = new();
    private readonly JumpingClock clock = new(start);
    private readonly int thread = Environment.CurrentManagedThreadId;
    private long steps;

    /// <summary>Steps taken so far: continuations run and jumps of the clock.</summary>
    public long Steps => steps;

    public override TimeProvider Time => clock;

    /// <summary>Simulated time since the machine was made.</summary>
    public TimeSpan Now => new(clock.NowTicks);

    /// <summary>Set, the run ends before its next step, whatever is ready.</summary>
    public bool IsDead { get; set; }

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

    public RunEnd Run(Func<Task> main)
    {
        var outer = SynchronizationContext.Current;
        SetSynchronizationContext(this);
        try
        {
            var task = main();
            while (!task.IsCompleted && !IsDead)
            {
                Step();
            }
            if (IsDead)
            {
                return RunEnd.Crashed;
            }
            if (task.IsCanceled)
            {
                throw new TaskCanceledException(task);
            }
            if (task.Exception is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure.InnerExceptions.Count == 1 ? failure.InnerExceptions[0] : failure);
            }
            return RunEnd.Completed;
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    private void Step()
    {
        if (++steps > maxSteps)
        {
            throw new SimulatedDeadlockException($"Seed {seed}: the run has not ended after {maxSteps} steps, at {Now}");
        }
        if (ready.Count > 0)
        {
            ready.RunNext();
        }
        else if (clock.NextDueTicks is { } due)
        {
            clock.JumpTo(due);
            clock.FireDue();
        }
        else
        {
            throw new SimulatedDeadlockException(
                $"Seed {seed}: nothing is ready and no timer is pending, yet the run has not ended, at {Now}"
            );
        }
    }

    private sealed class JumpingClock(TimeSpan start) : LoopClock
    {
        // Any date would do; a constant one makes runs repeat.
        private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private long now = start.Ticks;

        public override long NowTicks => now;
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public override DateTimeOffset GetUtcNow() => Epoch + new TimeSpan(now);

        public void JumpTo(long ticks) => now = Math.Max(now, ticks);

        protected override void OnEarlier() { }
    }
}
