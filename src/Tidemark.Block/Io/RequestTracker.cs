using Tidemark.Core.Async;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

/// <summary>
/// The changes of a node's content that are under way. A serialising one begins when nothing that overlaps is under way, and
/// nothing that overlaps begins before it ends: read-modify-write needs that. Others run side by side. Requests that end at
/// once are never entered: on one loop nothing else runs meanwhile.
/// </summary>
internal sealed class RequestTracker
{
    private readonly List<TrackedRequest> active = [];
    private readonly Stack<TrackedRequest> spare = new();
    private readonly LoopSignal ended = new();
    private int serialising;
    private long numbers;

    /// <summary>Whether a request for the range must wait for a serialising one.</summary>
    public bool MustWait(ByteRange range) => serialising > 0 && FindOverlap(range, serialisingOnly: true, before: long.MaxValue);

    /// <summary>Enters a request that must not wait.</summary>
    public TrackedRequest Begin(ByteRange range) => Enter(range, isSerialising: false);

    /// <summary>Waits for overlapping serialising requests, then enters.</summary>
    public async ValueTask<TrackedRequest> BeginAsync(ByteRange range)
    {
        while (MustWait(range))
        {
            await ended.WaitAsync();
        }
        return Enter(range, isSerialising: false);
    }

    /// <summary>Enters, so that later ones wait, and waits for what overlaps and came before.</summary>
    public async ValueTask<TrackedRequest> BeginSerialisingAsync(ByteRange range)
    {
        var request = Enter(range, isSerialising: true);
        while (FindOverlap(range, serialisingOnly: false, before: request.Number))
        {
            await ended.WaitAsync();
        }
        return request;
    }

    /// <summary>Ends a request.</summary>
    public void End(TrackedRequest request)
    {
        if (request.IsSerialising)
        {
            serialising--;
        }
        var index = active.IndexOf(request);
        active[index] = active[^1];
        active.RemoveAt(active.Count - 1);
        spare.Push(request);
        ended.Wake();
    }

    private TrackedRequest Enter(ByteRange range, bool isSerialising)
    {
        var request = spare.TryPop(out var used) ? used : new TrackedRequest();
        request.Range = range;
        request.IsSerialising = isSerialising;
        request.Number = numbers++;
        if (isSerialising)
        {
            serialising++;
        }
        active.Add(request);
        return request;
    }

    private bool FindOverlap(ByteRange range, bool serialisingOnly, long before)
    {
        foreach (var other in active)
        {
            if ((other.IsSerialising || !serialisingOnly) && other.Number < before && other.Range.Overlaps(range))
            {
                return true;
            }
        }
        return false;
    }
}
