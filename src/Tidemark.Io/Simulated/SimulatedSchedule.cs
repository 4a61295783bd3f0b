using System.Runtime.ExceptionServices;

namespace Tidemark.Io.Simulated;

/// <summary>
/// Who runs next on a simulated machine: one thread, one clock, and the loops of all its processes. The clock stands still while
/// any of them has something to do and then jumps to the next timer. When there is neither, the run can never end, and says so.
/// </summary>
internal sealed class SimulatedSchedule(int seed, TimeSpan start, long maxSteps, Random chance)
{
    private readonly List<SimulatedLoop> loops = [];
    private readonly List<(SimulatedLoop Loop, Task Main)> processes = [];
    private readonly List<SimulatedLoop> ready = [];

    /// <summary>Simulated time since the machine was made.</summary>
    public TimeSpan Now { get; private set; } = start;

    /// <summary>Steps taken so far: continuations run and jumps of the clock.</summary>
    public long Steps { get; private set; }

    /// <summary>The loops of all processes that were started.</summary>
    public IReadOnlyList<SimulatedLoop> Loops => loops;

    /// <summary>Begins <paramref name="main"/> as a process of <paramref name="loop"/>'s; its task.</summary>
    public Task Start(SimulatedLoop loop, Func<Task> main)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(loop);
        try
        {
            loops.Add(loop);
            var task = main();
            processes.Add((loop, task));
            return task;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Lets all of them run until <paramref name="first"/> has ended or is dead. Throws what any of them throws.</summary>
    public RunEnd Run(SimulatedLoop first, Func<Task> main)
    {
        var outer = SynchronizationContext.Current;
        try
        {
            var task = Start(first, main);
            while (!task.IsCompleted && !first.IsDead)
            {
                Step();
                ThrowIfFailed();
            }
            ThrowIfFailed();
            return first.IsDead ? RunEnd.Crashed : RunEnd.Completed;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private void Step()
    {
        if (++Steps > maxSteps)
        {
            throw new SimulatedDeadlockException($"Seed {seed}: the run has not ended after {maxSteps} steps, at {Now}");
        }
        ready.Clear();
        long? due = null;
        SimulatedLoop? dueFirst = null;
        foreach (var loop in loops)
        {
            if (loop.IsReady)
            {
                ready.Add(loop);
            }
            else if (loop.NextDueTicks is { } next && (due is null || next < due))
            {
                (due, dueFirst) = (next, loop);
            }
        }
        if (ready.Count > 0)
        {
            ready[ready.Count > 1 ? chance.Next(ready.Count) : 0].RunNext();
        }
        else if (dueFirst is not null)
        {
            Now = new TimeSpan(Math.Max(Now.Ticks, due!.Value)); // set together
            dueFirst.FireDue();
        }
        else
        {
            throw new SimulatedDeadlockException(
                $"Seed {seed}: nothing is ready and no timer is pending, yet the run has not ended, at {Now}"
            );
        }
    }

    private void ThrowIfFailed()
    {
        foreach (var (loop, task) in processes)
        {
            if (task.IsCanceled)
            {
                throw new TaskCanceledException(task);
            }
            // Of a process that has died nothing runs any more.
            if (!loop.IsDead && task.Exception is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure.InnerExceptions.Count == 1 ? failure.InnerExceptions[0] : failure);
            }
        }
    }
}
