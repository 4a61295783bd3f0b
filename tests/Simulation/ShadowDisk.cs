using Tidemark.Bitmaps;

namespace Tidemark.Simulation.Tests;

/// <summary>
/// What a disk holds by all that its guests were told: the oracle. Requests never overlap, as a guest's file system sees to it; so
/// a cell's content is known whenever none is under way there.
/// </summary>
internal sealed class ShadowDisk(string name, int initialCount)
{
    private const long NotYet = long.MaxValue;

    private readonly List<(int First, int End)> reserved = [];
    private uint[] now = new uint[initialCount];
    private int count = initialCount;
    private int possibleCount;
    private readonly List<ShadowRequest> active = [];
    private readonly List<Instant> windows = [];
    private HashSet<int> touched = [];

    // What a crash may leave in a cell: what was durable, then everything sent since, with the time of its answer.
    private readonly Dictionary<int, List<(uint Version, long AnsweredAt)>> unsettled = [];
    private readonly List<(string Event, int First, int End)> story = [];
    private uint versions;
    private long clock;

    /// <summary>The disk's name, its node's and its export's.</summary>
    public string Name => name;

    /// <summary>Its cells.</summary>
    public int Count => count;

    /// <summary>Before anybody uses the disk: these cells hold something new, whose version is the result.</summary>
    public uint Preset(int first, int length)
    {
        now.AsSpan(first, length).Fill(++versions);
        return versions;
    }

    /// <summary>Whether a request may be sent for these cells.</summary>
    public bool IsFree(int first, int length) =>
        !active.Exists(r => first < r.End && r.First < first + length)
        && !reserved.Exists(r => first < r.End && r.First < first + length);

    /// <summary>Whether a crash leaves the cell as it is.</summary>
    public bool IsSettled(int cell) => !unsettled.ContainsKey(cell);

    /// <summary>Keeps requests off these cells, which one is about to write again as they are, until <see cref="Release"/>.</summary>
    public void Reserve(int first, int length)
    {
        reserved.Add((first, first + length));
        touched.UnionWith(Enumerable.Range(first, length));
    }

    /// <summary>Undoes <see cref="Reserve"/>.</summary>
    public void Release(int first, int length) => _ = reserved.Remove((first, first + length));

    /// <summary>What a cell holds that no request is under way for.</summary>
    public uint ValueOf(int cell) => now[cell];

    /// <summary>The disk is about to become larger; what comes of it is known when the command is answered, or not at all.</summary>
    public void MayGrowTo(int cells) => possibleCount = cells;

    /// <summary>The disk is larger: new cells are zero.</summary>
    public void Grow(int cells)
    {
        Array.Resize(ref now, cells);
        count = cells;
        possibleCount = cells;
    }

    /// <summary>The cells that are known to differ from <paramref name="anchor"/>.</summary>
    public IReadOnlyList<int> ChangedSince(Instant anchor) =>
        [.. Enumerable.Range(0, count).Where(cell => !anchor.Allows(cell, now[cell]) && IsFree(cell, 1))];

    /// <summary>A request is about to be sent.</summary>
    public ShadowRequest Begin(ShadowVerb verb, int first, int length)
    {
        var version = verb == ShadowVerb.Write ? ++versions : 0;
        var request = new ShadowRequest(verb, first, length, version);
        active.Add(request);
        Tell($"sent {verb} {version}", request);
        for (var cell = first; cell < request.End; cell++)
        {
            _ = touched.Add(cell);
            Possible(cell).Add((version, NotYet));
            windows.ForEach(window => window.Allow(cell, version));
        }
        return request;
    }

    /// <summary>It was done, durably with <paramref name="durable"/>.</summary>
    public void End(ShadowRequest request, bool durable)
    {
        clock++;
        request.IsDone = true;
        Tell($"done{(durable ? ", durable" : "")}", request);
        for (var cell = request.First; cell < request.End; cell++)
        {
            Answer(cell, request.Version, durable);
        }
        _ = active.Remove(request);
    }

    /// <summary>It failed, or promised nothing: <paramref name="found"/> is what its cells hold now.</summary>
    public void End(ShadowRequest request, uint[] found)
    {
        clock++;
        Tell("ended halfway", request);
        for (var cell = request.First; cell < request.End; cell++)
        {
            var version = found[cell - request.First];
            Must.Hold(
                version == now[cell] || version == request.Version,
                $"{name}: {request} left {version} in cell {cell}, which held {now[cell]}\n{StoryOf(cell)}"
            );
            Answer(cell, version, durable: false);
        }
        _ = active.Remove(request);
    }

    /// <summary>The requests that are under way.</summary>
    public IReadOnlyList<ShadowRequest> UnderWay => active;

    /// <summary>
    /// Who served the disk serves nobody any more: what is known of it so far goes on elsewhere. Requests that are still under way
    /// are <paramref name="found"/> to be done or not.
    /// </summary>
    public void Settle(ShadowRequest stranded, uint[] found)
    {
        if (active.Contains(stranded))
        {
            End(stranded, found);
        }
    }

    /// <summary>Nobody is about to write cells again as they are.</summary>
    public void ReleaseAll() => reserved.Clear();

    /// <summary>From now on the cells that requests are sent for are kept; those are the result.</summary>
    public IReadOnlySet<int> CollectTouched() => touched = [];

    /// <summary>A flush is about to be sent; the result goes to <see cref="EndFlush"/>.</summary>
    public long BeginFlush() => clock++;

    /// <summary>The flush succeeded: what had been answered before it was sent is durable.</summary>
    public void EndFlush(long sentAt)
    {
        story.Add(($"{clock} flushed what was done by {sentAt}", 0, count));
        foreach (var (cell, possible) in unsettled.ToArray())
        {
            var last = possible.FindLastIndex(entry => entry.AnsweredAt <= sentAt);
            possible.RemoveRange(0, Math.Max(last, 0));
            if (possible is [{ AnsweredAt: not NotYet }])
            {
                _ = unsettled.Remove(cell);
            }
        }
    }

    /// <summary>The disk at this moment, exactly but for what is under way.</summary>
    public Instant TakeInstant()
    {
        var instant = new Instant([.. now], [.. active]);
        foreach (var request in active)
        {
            for (var cell = request.First; cell < request.End; cell++)
            {
                instant.Allow(cell, request.Version);
            }
        }
        return instant;
    }

    /// <summary>The disk at a moment between this call and <see cref="CloseWindow"/>.</summary>
    public Instant OpenWindow()
    {
        var window = TakeInstant();
        windows.Add(window);
        return window;
    }

    /// <summary>The moment has passed.</summary>
    public void CloseWindow(Instant window) => _ = windows.Remove(window);

    /// <summary>The disk was closed as it should be: all that was answered is there.</summary>
    public void CloseCleanly()
    {
        Assert.Empty(active);
        unsettled.Clear();
    }

    /// <summary>After a crash (or a clean end) the disk holds <paramref name="found"/>: checks that it may, and goes on from there.</summary>
    public void Settle(uint[] found, string what)
    {
        if (found.Length != count)
        {
            Must.Hold(found.Length == possibleCount, $"{what}: {name} has {found.Length} cells, not {count} or {possibleCount}");
            Grow(found.Length);
        }
        possibleCount = count;
        reserved.Clear();
        for (var cell = 0; cell < count; cell++)
        {
            var allowed = unsettled.TryGetValue(cell, out var possible)
                ? possible.ConvertAll(static p => p.Version)
                : [now[cell]];
            Must.Hold(
                allowed.Contains(found[cell]),
                $"{what}: {name}, cell {cell} holds {found[cell]}, may hold {string.Join(" or ", allowed)}\n{StoryOf(cell)}"
            );
        }
        story.Clear();
        found.CopyTo(now, 0);
        active.Clear();
        windows.Clear();
        unsettled.Clear();
    }

    /// <summary>Fails unless the disk holds <paramref name="found"/>, or may where requests are under way.</summary>
    public void MustHold(uint[] found, string what)
    {
        for (var cell = 0; cell < count; cell++)
        {
            Must.Hold(
                found[cell] == now[cell] || active.Exists(r => r.First <= cell && cell < r.End && r.Version == found[cell]),
                $"{what}: {name}, cell {cell} holds {found[cell]}, not {now[cell]}\n{StoryOf(cell)}"
            );
        }
    }

    /// <summary>The law: what differs from <paramref name="anchor"/> is in the bitmap (contract B8).</summary>
    public void MustBeMarked(Instant anchor, DirtyBitmap bitmap, string what)
    {
        for (var cell = 0; cell < count; cell++)
        {
            if (!anchor.Allows(cell, now[cell]) && IsFree(cell, 1))
            {
                Must.Hold(
                    bitmap.Content.Get((long)cell * Cells.Bytes),
                    $"{what}: {name}, cell {cell} changed and is not in '{bitmap.Name}'\n{StoryOf(cell)}"
                );
            }
        }
    }

    /// <summary>The last that happened to a cell, for messages.</summary>
    public string StoryOf(int cell) =>
        string.Join('\n', story.Where(e => e.First <= cell && cell < e.End).Select(static e => e.Event).TakeLast(20));

    private void Tell(string happened, ShadowRequest request) =>
        story.Add(($"{clock} {happened} [{request.First}, {request.End})", request.First, request.End));

    private void Answer(int cell, uint version, bool durable)
    {
        var possible = Possible(cell);
        if (durable)
        {
            _ = unsettled.Remove(cell);
        }
        else if (possible[^1].Version == version)
        {
            possible[^1] = (version, clock);
        }
        else
        {
            possible.Add((version, clock));
        }
        now[cell] = version;
    }

    private List<(uint Version, long AnsweredAt)> Possible(int cell) =>
        unsettled.TryGetValue(cell, out var known) ? known : unsettled[cell] = [(now[cell], 0)];
}
