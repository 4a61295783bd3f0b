using Tidemark.Core.Errors;

namespace Tidemark.Io.Simulated;

/// <summary>
/// One request of a simulated file. Its effect happens all at once when it completes; until then the caller's memory is in
/// use, as it would be with a real device.
/// </summary>
internal sealed class SimulatedRequest(
    SimulatedEngine engine,
    SimulatedInode inode,
    SimulatedOperation operation,
    Func<Change?> change,
    Func<IoStatus> effect
)
{
    public SimulatedEngine Engine { get; } = engine;
    public SimulatedInode Inode { get; } = inode;
    public SimulatedOperation Operation { get; } = operation;

    /// <summary>Does it, against the room that the disk has.</summary>
    public IoStatus Complete(SimulatedMachine machine)
    {
        if (change() is not { } wanted)
        {
            return effect();
        }
        if (!machine.HasRoomFor(wanted.PagesNeededIn(Inode.Content)))
        {
            // As in life, what fits may have been written.
            return IoStatus.NoSpace;
        }
        Inode.Apply(wanted);
        Engine.Changes++;
        return effect();
    }

    /// <summary>It fails, or its process dies under it: nothing, a part or all of it is done.</summary>
    public void EndHalfway(Random chance)
    {
        if (change() is not { } wanted)
        {
            return;
        }
        switch (chance.Next(3))
        {
            case 0:
                break;
            case 1:
                Inode.Apply(wanted);
                break;
            default:
                foreach (var part in wanted.Tear(chance).ToList())
                {
                    Inode.Apply(part);
                }
                break;
        }
    }
}
