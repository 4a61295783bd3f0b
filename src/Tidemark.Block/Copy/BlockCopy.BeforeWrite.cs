using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy;

// A guest's side: its clusters are saved before it may change them.
public sealed partial class BlockCopy
{
    /// <summary>
    /// Saves what is still to be saved of <paramref name="range"/>, and waits for what others are saving of it. On
    /// <see cref="IoStatus.Ok"/> the guest's write may go ahead; on any other the old data is still only in the source. Complete on
    /// return when there is nothing to do.
    /// </summary>
    public ValueTask<SaveResult> SaveAsync(ByteRange range) =>
        IsStopped || (Remaining.IsAllZero(range) && (active.Count == 0 || FindOverlap(range) is null))
            ? new(new SaveResult(IoStatus.Ok))
            : SaveSlowlyAsync(Clusters(range));

    private async ValueTask<SaveResult> SaveSlowlyAsync(ByteRange range)
    {
        while (!IsStopped)
        {
            if (FindOverlap(range) is { } other)
            {
                Promote(other);
                if (active.Contains(other))
                {
                    await taskEnded.WaitAsync();
                }
                continue;
            }
            if (!Remaining.NextDirtyArea(range.Offset, range.End, chunkBytes, out var area))
            {
                return new(IoStatus.Ok);
            }
            var task = Reserve(area, isZero: false, run: null);
            Start(task);
            while (active.Contains(task))
            {
                await taskEnded.WaitAsync();
            }
            if (task.Status != IoStatus.Ok)
            {
                return new(task.Status, task.FailedReading);
            }
        }
        return new(IoStatus.Ok);
    }
}
