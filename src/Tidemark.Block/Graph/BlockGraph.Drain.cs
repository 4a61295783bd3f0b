using Tidemark.Block.Contract;
using Tidemark.Core.Async;

namespace Tidemark.Block.Graph;

public sealed partial class BlockGraph
{
    private readonly LoopSignal requestEnded = new();
    private readonly LoopSignal drainEnded = new();
    private int drains;
    private int awaited;

    /// <summary>Drained sections that are open, or being opened.</summary>
    public int OpenDrains => drains;

    /// <summary>Whether any drained section is open.</summary>
    public bool IsDraining => drains > 0;

    /// <summary>Whether requests may be held at breakpoints: nobody waits for those under way to end.</summary>
    public bool MayHoldRequests => awaited == 0;

    /// <summary>Begins a drained section of <paramref name="drained"/> and everything above it; ready when nothing is under way there.</summary>
    public async ValueTask<DrainedSection> DrainAsync(params BlockNode[] drained)
    {
        var list = drained.Distinct().ToList();
        drains++;
        BeginAwaitingRequests();
        foreach (var node in list)
        {
            node.BeginDrain();
        }
        var lifted = LiftAround(list);
        while (list.Exists(static n => n.IsBusyBelow))
        {
            await requestEnded.WaitAsync();
        }
        return new DrainedSection(this, list, lifted);
    }

    /// <summary>A drained section of the whole graph.</summary>
    public ValueTask<DrainedSection> DrainAllAsync() => DrainAsync([.. inOrder]);

    /// <summary>A request or some work has ended: a drain may be complete. Called by whoever reports busy to a drain.</summary>
    public void RequestEnded()
    {
        if (drains > 0)
        {
            requestEnded.Wake();
        }
    }

    /// <summary>Waits for the end of a drained section; for users that hold requests back meanwhile.</summary>
    public ValueTask WaitDrainEndAsync() => drainEnded.WaitAsync();

    internal void DrainEnded()
    {
        drains--;
        EndAwaitingRequests();
        drainEnded.Wake();
    }

    /// <summary>Somebody begins to wait for requests to end: what is held at a breakpoint goes on, and nothing is held until the end.</summary>
    internal void BeginAwaitingRequests()
    {
        awaited++;
        foreach (var node in inOrder)
        {
            if (node.IsOpen && node.Driver is IBreakpoints breakpoints)
            {
                breakpoints.ResumeAll();
            }
        }
    }

    /// <summary>
    /// Lifts limits wherever a request of a user of <paramref name="nodes"/> may be held back: in them, above them, and below all
    /// those. Gives what <see cref="Restore"/> takes.
    /// </summary>
    internal static IReadOnlyCollection<BlockDriver> LiftAround(IEnumerable<BlockNode> nodes)
    {
        HashSet<BlockNode> users = [];
        HashSet<BlockNode> found = [];
        foreach (var node in nodes)
        {
            VisitUp(node);
        }
        foreach (var node in users)
        {
            VisitDown(node);
        }
        var drivers = found.Where(static node => node.IsOpen).Select(static node => node.Driver).ToArray();
        foreach (var driver in drivers)
        {
            driver.LiftLimits();
        }
        return drivers;

        void VisitUp(BlockNode node)
        {
            if (users.Add(node))
            {
                foreach (var edge in node.Parents)
                {
                    if (edge.Parent.ParentNode is { } parent)
                    {
                        VisitUp(parent);
                    }
                }
            }
        }

        void VisitDown(BlockNode node)
        {
            if (found.Add(node))
            {
                foreach (var edge in node.Children)
                {
                    VisitDown(edge.Node);
                }
            }
        }
    }

    /// <summary>Undoes <see cref="LiftAround"/>.</summary>
    internal static void Restore(IEnumerable<BlockDriver> lifted)
    {
        foreach (var driver in lifted)
        {
            driver.RestoreLimits();
        }
    }

    /// <summary>The wait that <see cref="BeginAwaitingRequests"/> began is over.</summary>
    internal void EndAwaitingRequests() => awaited--;
}
