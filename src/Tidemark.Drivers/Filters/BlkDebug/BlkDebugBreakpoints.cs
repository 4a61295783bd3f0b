using Tidemark.Block.Contract;
using Tidemark.Core.Async;

namespace Tidemark.Drivers.Filters.BlkDebug;

/// <summary>
/// Breakpoints and the requests that they hold. A request stops at all breakpoints of the event at once, the newest first, and
/// goes on when each has let it go.
/// </summary>
internal sealed class BlkDebugBreakpoints
{
    private readonly List<Breakpoint> waiting = [];
    private readonly List<Held> held = [];

    /// <summary>Whether no request can be held.</summary>
    public bool IsEmpty => waiting.Count == 0;

    public void Add(DebugEvent place, string tag, Action<string> tell) => waiting.Add(new(place, tag, tell));

    /// <summary>Forgets those of this tag that hold nothing; whether there were any.</summary>
    public bool Remove(string tag) => waiting.RemoveAll(b => b.Tag == tag) > 0;

    /// <summary>Whether something is held under the tag.</summary>
    public bool Holds(string tag) => held.Exists(h => h.Point.Tag == tag);

    /// <summary>Holds the request that has come to the place, as often as breakpoints are there; ready when all have let it go.</summary>
    public async ValueTask HoldAsync(DebugEvent place)
    {
        List<Held> stops = [];
        for (var i = waiting.Count - 1; i >= 0; i--)
        {
            if (waiting[i].Place == place)
            {
                stops.Add(new(waiting[i]));
                waiting.RemoveAt(i);
            }
        }
        held.AddRange(stops);
        stops.ForEach(static stop => stop.Point.Tell($"blkdebug: Suspended request '{stop.Point.Tag}'"));
        foreach (var stop in stops)
        {
            _ = await stop.LetGo.Task;
        }
    }

    /// <summary>Lets what was held last under the tag go on; false if there is nothing.</summary>
    public bool Resume(string tag)
    {
        var index = held.FindLastIndex(h => h.Point.Tag == tag);
        if (index < 0)
        {
            return false;
        }
        Release(index);
        return true;
    }

    /// <summary>Lets everything go on.</summary>
    public void ResumeAll()
    {
        while (held.Count > 0)
        {
            Release(held.Count - 1);
        }
    }

    private void Release(int index)
    {
        var stop = held[index];
        held.RemoveAt(index);
        stop.Point.Tell($"blkdebug: Resuming request '{stop.Point.Tag}'");
        stop.LetGo.Set(true);
    }

    private sealed record Breakpoint(DebugEvent Place, string Tag, Action<string> Tell);

    private sealed class Held(Breakpoint point)
    {
        public Breakpoint Point { get; } = point;

        public Completion<bool> LetGo { get; } = new();
    }
}
