using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Copy;

/// <summary>
/// The background's side of a <see cref="BlockCopy"/>: how fast it may go, and the means to stop it. One run is under way at a
/// time; it can be started again and again. Belongs to the graph's loop.
/// </summary>
public sealed class BlockCopyRun(LoopContext loop)
{
    private readonly LoopSignal changed = new();

    /// <summary>Its speed.</summary>
    public RateLimiter Limiter { get; } = new(loop.Time);

    /// <summary>Whether it has been asked to stop since the last <see cref="Rearm"/>.</summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>Whether it is at work.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Counts what happened to the run: whoever looks, lets others work and then waits must not miss what they did.</summary>
    internal int Changes { get; private set; }

    internal int InFlight { get; private set; }

    internal IoStatus Error { get; private set; }

    internal bool ErrorIsRead { get; private set; }

    internal bool MustStop => IsInterrupted || Error != IoStatus.Ok;

    /// <summary>Begins nothing new: what is under way ends, and the run comes back. No matter if it does not run.</summary>
    public void Interrupt()
    {
        IsInterrupted = true;
        Wake();
    }

    /// <summary>Forgets an interruption: to be called before going on.</summary>
    public void Rearm() => IsInterrupted = false;

    /// <summary>Sets the speed in bytes per second, 0 for no limit; takes effect at once.</summary>
    public void SetSpeed(long bytesPerSecond)
    {
        Limiter.BytesPerSecond = bytesPerSecond;
        Wake();
    }

    internal void Begin()
    {
        Invariant.That(!IsRunning && InFlight == 0, "one run at a time");
        IsRunning = true;
        Error = IoStatus.Ok;
    }

    internal void End() => IsRunning = false;

    internal void TaskBegan() => InFlight++;

    internal void TaskGivenBack() => InFlight--;

    internal void TaskEnded(IoStatus status, bool failedReading)
    {
        InFlight--;
        if (status != IoStatus.Ok && Error == IoStatus.Ok)
        {
            (Error, ErrorIsRead) = (status, failedReading);
        }
    }

    internal void Wake()
    {
        Changes++;
        changed.Wake();
    }

    /// <summary>Waits for a change after the one that <paramref name="seen"/> counts, or for <paramref name="delay"/> to pass.</summary>
    internal async ValueTask WaitAsync(int seen, TimeSpan? delay = null)
    {
        if (Changes != seen)
        {
            return;
        }
        if (delay is not { } limit)
        {
            await changed.WaitAsync();
            return;
        }
        await using var timer = loop.Time.CreateTimer(
            static state => ((LoopSignal)state!).Wake(),
            changed,
            limit,
            Timeout.InfiniteTimeSpan
        );
        await changed.WaitAsync();
    }
}
