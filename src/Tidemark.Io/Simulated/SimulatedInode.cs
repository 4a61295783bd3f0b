using Tidemark.Core.Errors;

namespace Tidemark.Io.Simulated;

/// <summary>
/// A file of the simulated disk: what reads see, what would survive a power loss for certain, and the changes in between.
/// </summary>
internal sealed class SimulatedInode(string path)
{
    private readonly Dictionary<long, List<object>> sharedLocks = [];
    private readonly List<Change> unflushed = [];
    private SparseContent durable = new();

    public string Path { get; } = path;
    public SparseContent Content { get; private set; } = new();

    /// <summary>How many changes there have been since the disk was made; a flush covers those before it.</summary>
    public long ChangeCount { get; private set; }

    public void Apply(Change change)
    {
        change.ApplyTo(Content);
        unflushed.Add(change);
        ChangeCount++;
    }

    /// <summary>Makes the first <paramref name="count"/> changes of the file's life durable.</summary>
    public void Flush(long count)
    {
        var covered = (int)Math.Max(0, count - (ChangeCount - unflushed.Count));
        for (var i = 0; i < covered; i++)
        {
            unflushed[i].ApplyTo(durable);
        }
        unflushed.RemoveRange(0, covered);
    }

    /// <summary>
    /// The power fails: some of the changes since the last flush reach the medium, chosen by <paramref name="chance"/> in one
    /// of several manners, from nothing to everything.
    /// </summary>
    public void LosePower(Random chance)
    {
        var survivor = durable.Copy();
        switch (chance.Next(5))
        {
            case 0:
                break;
            case 1:
                unflushed.ForEach(change => change.ApplyTo(survivor));
                break;
            case 2:
                // In order up to a point, where the write under way is torn.
                var last = chance.Next(unflushed.Count + 1);
                unflushed.Take(last).ToList().ForEach(change => change.ApplyTo(survivor));
                unflushed.Skip(last).Take(1).SelectMany(change => change.Tear(chance)).ToList().ForEach(c => c.ApplyTo(survivor));
                break;
            case 3:
                // Each whole or not at all.
                unflushed.Where(_ => chance.Next(2) == 0).ToList().ForEach(change => change.ApplyTo(survivor));
                break;
            default:
                // Each sector for itself.
                unflushed.SelectMany(change => change.Tear(chance)).ToList().ForEach(change => change.ApplyTo(survivor));
                break;
        }
        Restore(survivor);
    }

    /// <summary>Sets content and durable content.</summary>
    public void Restore(SparseContent content)
    {
        durable = content;
        Content = content.Copy();
        unflushed.Clear();
    }

    public IoStatus Lock(object holder, long offset, bool held)
    {
        var holders = sharedLocks.TryGetValue(offset, out var found) ? found : sharedLocks[offset] = [];
        if (held && !holders.Contains(holder))
        {
            holders.Add(holder);
        }
        else if (!held)
        {
            _ = holders.Remove(holder);
        }
        return IoStatus.Ok;
    }

    public bool IsLockedByOther(object asker, long offset) =>
        sharedLocks.TryGetValue(offset, out var holders) && holders.Exists(holder => !ReferenceEquals(holder, asker));

    public void Unlock(object holder)
    {
        foreach (var holders in sharedLocks.Values)
        {
            _ = holders.Remove(holder);
        }
    }

    public void UnlockAll() => sharedLocks.Clear();
}
