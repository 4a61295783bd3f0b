namespace Tidemark.Io.Loop;

/// <summary>Something with a descriptor that a loop watches by epoll. Its method runs on the loop's thread.</summary>
internal abstract class PollSource
{
    /// <summary>Place in the loop's table, -1 while not watched.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Some of <paramref name="events"/> (EPOLL*) hold now. Must not run user code in line: it enqueues.</summary>
    public abstract void OnReady(uint events);
}
