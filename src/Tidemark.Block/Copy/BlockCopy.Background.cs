using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy;

// The background's way through the node, from its beginning to its end.
public sealed partial class BlockCopy
{
    private long chunkBytes = Block.Limits.CopyChunk;
    private (long Start, long End, bool IsZero) known;

    /// <summary>
    /// Copies what is left until nothing is, something fails, or <paramref name="run"/> is interrupted. Comes back when none of its
    /// pieces is under way. After a failure those that were reserved before are still tried.
    /// </summary>
    public async ValueTask<BlockCopyResult> RunAsync(BlockCopyRun run)
    {
        run.Begin();
        current = run;
        known = default;
        places = source.Node.IsCachedFile && target.Node.IsCachedFile ? Block.Limits.CopyCachedPlaces : Block.Limits.CopyPlaces;
        var position = 0L;
        while (!run.MustStop && !IsStopped)
        {
            var seen = run.Changes;
            if (run.InFlight >= Math.Min(Settings.MaxWorkers, Block.Limits.CopyReserved))
            {
                Pump();
                await run.WaitAsync(seen);
                continue;
            }
            // Under a speed limit zeroes count like all else, as with the reference, and go in pieces that can be counted.
            var longest = run.Limiter.BytesPerSecond > 0 ? chunkBytes : Block.Limits.CopyZeroes;
            if (!Remaining.NextDirtyArea(position, SizeBytes, longest, out var area))
            {
                if (position > 0 && !Remaining.IsEmpty)
                {
                    // A guest's piece failed and was given back behind us.
                    position = 0;
                    continue;
                }
                if (active.Count == 0)
                {
                    break;
                }
                Pump();
                await run.WaitAsync(seen);
                continue;
            }
            if (run.Limiter.Delay is var delay && delay > TimeSpan.Zero)
            {
                Pump();
                await run.WaitAsync(seen, delay);
                continue;
            }
            if (area.Offset < known.Start || area.Offset >= known.End)
            {
                await LearnStatusAsync(area.Offset);
                continue;
            }
            var task = Reserve(NextPiece(area), known.IsZero && !IsShort(area), run);
            run.Limiter.Charge(Math.Min(task.Range.Length, chunkBytes));
            position = task.Range.End;
            _ = waiting.AddLast(task);
        }
        return await SettleAsync(run);
    }

    private async ValueTask<BlockCopyResult> SettleAsync(BlockCopyRun run)
    {
        while (run.InFlight > 0)
        {
            var seen = run.Changes;
            if (run.IsInterrupted || IsStopped)
            {
                GiveBack(run);
            }
            Pump();
            if (run.InFlight > 0)
            {
                await run.WaitAsync(seen);
            }
        }
        run.End();
        current = null;
        return IsBroken ? new(BlockCopyOutcome.Broken, BrokenStatus, BrokenByRead)
            : run.Error != IoStatus.Ok ? new(BlockCopyOutcome.Failed, run.Error, run.ErrorIsRead)
            : run.IsInterrupted || IsStopped ? new(BlockCopyOutcome.Interrupted)
            : new(BlockCopyOutcome.Done);
    }

    /// <summary>
    /// Finds out about zeroes from <paramref name="offset"/> on; neighbours of a kind are taken together, so that a fragmented
    /// image is not copied in crumbs. What is still to be copied can't change: the answer holds for it however long it is kept.
    /// </summary>
    private async ValueTask LearnStatusAsync(long offset)
    {
        var (end, isZero) = await AskZeroAsync(offset);
        var enough = isZero ? Block.Limits.CopyZeroes : chunkBytes;
        while (end < SizeBytes && end - offset < enough)
        {
            var (nextEnd, nextIsZero) = await AskZeroAsync(end);
            if (nextIsZero != isZero)
            {
                break;
            }
            end = nextEnd;
        }
        known = (offset, end, isZero);
    }

    private async ValueTask<(long End, bool IsZero)> AskZeroAsync(long offset)
    {
        var wanted = ByteRange.Between(offset, Math.Min(SizeBytes, offset + Block.Limits.CopyStatus));
        var answer = (await source.Node.BlockStatusAboveAsync(null, includeBase: false, wanted, wantZero: true)).Block;
        // Whoever can't tell gets read.
        return answer.Status == IoStatus.Ok && answer.Length > 0
            ? (offset + answer.Length, answer.IsZero)
            : (Math.Min(SizeBytes, offset + chunkBytes), false);
    }

    /// <summary>Whole clusters at the beginning of the area: as far as zeroes go, or data up to a chunk.</summary>
    private ByteRange NextPiece(ByteRange area)
    {
        var end = Math.Min(area.End, known.End);
        if (known.IsZero && !IsShort(area))
        {
            end = end == SizeBytes ? end : Alignment.Down(end, ClusterSize);
        }
        else
        {
            end = Math.Min(Math.Min(Alignment.Up(end, ClusterSize), area.Offset + chunkBytes), SizeBytes);
        }
        return ByteRange.Between(area.Offset, end);
    }

    // A cluster that is zero only in part is data.
    private bool IsShort(ByteRange area) => known.End < SizeBytes && known.End - area.Offset < ClusterSize;

    /// <summary>
    /// Takes out of <see cref="Remaining"/> what the source's top image does not have. Comes back early when
    /// <paramref name="run"/> is interrupted (<paramref name="position"/> is where to go on), with an error when the source can't tell.
    /// </summary>
    public async ValueTask<(IoStatus Status, long Position)> SkipUnallocatedAsync(BlockCopyRun run, long position)
    {
        var lower = LowerNode;
        var questions = 0;
        while (!run.IsInterrupted && !IsStopped && Remaining.NextDirtyArea(position, SizeBytes, long.MaxValue, out var area))
        {
            var (status, isAllocated, end) = await AskAllocatedAsync(lower, area);
            if (status != IoStatus.Ok)
            {
                return (status, position);
            }
            if (!isAllocated)
            {
                Remaining.Reset(ByteRange.Between(area.Offset, end));
            }
            position = end;
            if (++questions % Block.Limits.CopyQuestions == 0)
            {
                await Task.Yield();
            }
        }
        return (IoStatus.Ok, position);
    }

    // The first image below the top one; null when there is none.
    private BlockNode? LowerNode
    {
        get
        {
            var top = source.Node;
            while (top.FilteredChild is { } filtered)
            {
                top = filtered.Node;
            }
            return top.BackingChild?.Node;
        }
    }

    // Whole clusters from the area's offset on: all of them absent from the top image, or the first with something in it.
    private async ValueTask<(IoStatus Status, bool IsAllocated, long End)> AskAllocatedAsync(BlockNode? lower, ByteRange area)
    {
        var offset = area.Offset;
        var firstEnd = Math.Min(offset + ClusterSize, SizeBytes);
        while (true)
        {
            var rest = ByteRange.Between(offset, area.End);
            var answer = (await source.Node.BlockStatusAboveAsync(lower, includeBase: false, rest, wantZero: false)).Block;
            if (answer.Status != IoStatus.Ok)
            {
                return (answer.Status, true, area.Offset);
            }
            offset = answer.Length == 0 ? area.End : offset + answer.Length;
            if (answer.IsAllocated)
            {
                return (IoStatus.Ok, true, Math.Min(Alignment.Up(offset, ClusterSize), SizeBytes));
            }
            if (offset >= firstEnd)
            {
                return (IoStatus.Ok, false, offset >= SizeBytes ? SizeBytes : Alignment.Down(offset, ClusterSize));
            }
        }
    }
}
