using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy;

// Pieces: reserving them, letting a few at a time work, and ending them.
public sealed partial class BlockCopy
{
    private static readonly Action<object?> PumpLater = static state =>
    {
        var copy = (BlockCopy)state!;
        copy.pumpIsQueued = false;
        copy.Pump();
    };

    private readonly LinkedList<CopyTask> waiting = [];
    private int working;
    private int places = Block.Limits.CopyCachedPlaces;
    private bool pumpIsQueued;

    private CopyTask Reserve(ByteRange range, bool isZero, BlockCopyRun? run)
    {
        Invariant.That(FindOverlap(range) is null, "a cluster is under way once");
        Remaining.Reset(range);
        var task = new CopyTask(range, isZero, run);
        active.Add(task);
        run?.TaskBegan();
        return task;
    }

    private CopyTask? FindOverlap(ByteRange range)
    {
        foreach (var task in active)
        {
            if (task.Range.Overlaps(range))
            {
                return task;
            }
        }
        return null;
    }

    /// <summary>Lets reserved pieces work while there are places. One that ends at once lets the loop see to others first.</summary>
    private void Pump()
    {
        while (working < Math.Min(places, Settings.MaxWorkers) && waiting.First is { } next)
        {
            waiting.RemoveFirst();
            var before = active.Count;
            Start(next.Value);
            if (active.Count < before && waiting.Count > 0)
            {
                QueuePump();
                return;
            }
        }
    }

    private void QueuePump()
    {
        if (!pumpIsQueued)
        {
            pumpIsQueued = true;
            Loop.Enqueue(PumpLater, this);
        }
    }

    /// <summary>A guest waits for the piece: it begins now if it has not.</summary>
    private void Promote(CopyTask task)
    {
        if (!task.IsStarted && waiting.Remove(task))
        {
            Start(task);
        }
    }

    private async void Start(CopyTask task)
    {
        task.IsStarted = true;
        working++;
        await TransferAsync(task);
        working--;
        End(task);
        if (waiting.Count > 0)
        {
            QueuePump();
        }
    }

    private void End(CopyTask task)
    {
        _ = active.Remove(task);
        if (task.IsAbsent)
        {
            Invariant.That(task.Status == IoStatus.Ok, "what is not there can't fail");
        }
        else if (task.Status == IoStatus.Ok)
        {
            CopiedBytes += WholeClusters(task.Range);
        }
        else
        {
            Remaining.Set(task.Range);
        }
        task.Run?.TaskEnded(task.Status, task.FailedReading);
        current?.Wake();
        taskEnded.Wake();
    }

    /// <summary>Gives back what a run has reserved and not begun.</summary>
    private void GiveBack(BlockCopyRun run)
    {
        for (var next = waiting.First; next is not null; )
        {
            var node = next;
            next = node.Next;
            if (ReferenceEquals(node.Value.Run, run))
            {
                waiting.Remove(node);
                _ = active.Remove(node.Value);
                Remaining.Set(node.Value.Range);
                run.TaskGivenBack();
            }
        }
        taskEnded.Wake();
    }
}
