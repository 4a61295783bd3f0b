using Tidemark.Core.Async;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Qcow2.Mapping;

/// <summary>
/// The allocations under way. Whoever would change the mapping of one of their clusters waits until it has ended, so that two
/// writes to one new cluster do not both allocate it. Readers need not wait: they see the old mapping until then.
/// </summary>
internal sealed class AllocationTable
{
    private readonly List<PendingAllocation> active = [];
    private readonly Stack<PendingAllocation> spare = new();
    private readonly LoopSignal ended = new();

    /// <summary>Whether an allocation touches the range of whole clusters.</summary>
    public bool Touches(ByteRange clusters)
    {
        foreach (var allocation in active)
        {
            if (allocation.Guest.Overlaps(clusters))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Waits until none touches the range of whole clusters.</summary>
    public async ValueTask WaitAsync(ByteRange clusters)
    {
        while (Touches(clusters))
        {
            await ended.WaitAsync();
        }
    }

    /// <summary>Enters an allocation.</summary>
    public PendingAllocation Begin(ByteRange guest, long hostOffset, bool isNew)
    {
        var allocation = spare.TryPop(out var used) ? used : new PendingAllocation();
        (allocation.Guest, allocation.HostOffset, allocation.IsNew) = (guest, hostOffset, isNew);
        allocation.Position = active.Count;
        active.Add(allocation);
        return allocation;
    }

    /// <summary>Ends it, whatever came of it.</summary>
    public void End(PendingAllocation allocation)
    {
        var last = active[^1];
        (active[allocation.Position], last.Position) = (last, allocation.Position);
        active.RemoveAt(active.Count - 1);
        spare.Push(allocation);
        ended.Wake();
    }
}
