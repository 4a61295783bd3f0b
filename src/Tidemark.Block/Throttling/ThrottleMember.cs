using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Throttling;

/// <summary>A node's place in a <see cref="ThrottleGroup"/>. Belongs to the graph's loop.</summary>
public sealed class ThrottleMember
{
    private readonly Queue<(Completion<bool> Signal, long Bytes)> reads = new();
    private readonly Queue<(Completion<bool> Signal, long Bytes)> writes = new();
    private int lifted;

    internal ThrottleMember(ThrottleGroup group) => Group = group;

    /// <summary>The group.</summary>
    public ThrottleGroup Group { get; }

    /// <summary>Whether requests go ahead at once just now; they count all the same.</summary>
    public bool IsLifted => lifted > 0;

    /// <summary>Requests that wait.</summary>
    public int Waiting => reads.Count + writes.Count;

    /// <summary>Waits until a request of <paramref name="bytes"/> may go ahead; complete on return when it may at once.</summary>
    public ValueTask EnterAsync(long bytes, bool isWrite) => Group.EnterAsync(this, bytes, isWrite);

    /// <summary>Somebody waits for requests to end: lets all go ahead, and holds none back until <see cref="Restore"/>. Nests.</summary>
    public void Lift()
    {
        if (lifted++ == 0)
        {
            Group.Release(this);
        }
    }

    /// <summary>Undoes one <see cref="Lift"/>.</summary>
    public void Restore()
    {
        Invariant.That(lifted > 0, "limits are restored as often as lifted");
        lifted--;
    }

    /// <summary>Takes the node's place in <paramref name="group"/>, as lifted as it is here. What waits goes ahead.</summary>
    public ThrottleMember MoveTo(ThrottleGroup group)
    {
        Leave();
        var member = group.Join();
        member.lifted = lifted;
        return member;
    }

    /// <summary>Gives the place up; what still waits goes ahead.</summary>
    public void Leave() => Group.Leave(this);

    internal Queue<(Completion<bool> Signal, long Bytes)> Queue(bool isWrite) => isWrite ? writes : reads;
}
