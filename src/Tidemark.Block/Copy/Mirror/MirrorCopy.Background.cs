using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy.Mirror;

// The background's way through the bitmap, round and round.
public sealed partial class MirrorCopy
{
    private long position;
    private (long Start, long End) data;

    /// <summary>
    /// Copies what is marked until nothing is, something fails, or <paramref name="run"/> is interrupted. Comes back when none of its
    /// pieces is under way. After <see cref="BeginAsync"/>.
    /// </summary>
    public async ValueTask<BlockCopyResult> RunAsync(BlockCopyRun run)
    {
        run.Begin();
        current = run;
        while (!run.MustStop && !IsStopped)
        {
            var seen = run.Changes;
            CountTotal();
            if (run.InFlight >= places)
            {
                await run.WaitAsync(seen);
            }
            else if (run.Limiter.Delay is var delay && delay > TimeSpan.Zero && !Dirty.IsEmpty)
            {
                await run.WaitAsync(seen, delay);
            }
            else if (TryTake(run.Limiter.BytesPerSecond > 0) is { } taken)
            {
                await CopyPieceAsync(taken, run);
            }
            else if (run.InFlight == 0 && Dirty.IsEmpty)
            {
                break;
            }
            else
            {
                // All that is marked is under way, or a guest is at it.
                await run.WaitAsync(seen);
            }
        }
        while (run.InFlight > 0)
        {
            await run.WaitAsync(run.Changes);
        }
        run.End();
        current = null;
        CountTotal();
        return run.Error != IoStatus.Ok ? new(BlockCopyOutcome.Failed, run.Error, run.ErrorIsRead)
            : run.IsInterrupted || IsStopped ? new(BlockCopyOutcome.Interrupted)
            : new(BlockCopyOutcome.Done);
    }

    private async ValueTask CopyPieceAsync(MirrorOperation piece, BlockCopyRun run)
    {
        run.TaskBegan();
        await LookAtAsync(piece);
        if (!piece.IsZero || zeroesAreSlow)
        {
            run.Limiter.Charge(piece.Range.Length);
        }
        Start(piece, run);
        if (!active.Contains(piece))
        {
            // It ended at once: others want the loop, too.
            await Task.Yield();
        }
    }

    /// <summary>
    /// The next marked area that nobody is at, in whole units, its marks taken away; null when there is none. Where nothing is known
    /// it is long, because it may turn out to be zeroes.
    /// </summary>
    private MirrorOperation? TryTake(bool isLimited)
    {
        var hasWrapped = position == 0;
        while (true)
        {
            var isData = position >= data.Start && position < data.End;
            var longest = isData || isLimited ? chunkBytes : Block.Limits.CopyZeroes;
            if (!Dirty.NextDirtyArea(position, SizeBytes, longest, out var area))
            {
                if (hasWrapped)
                {
                    return null;
                }
                (position, hasWrapped) = (0, true);
                continue;
            }
            var range = Units(area);
            if (FindOverlap(range) is { } other)
            {
                var free = Alignment.Down(other.Range.Offset, unit);
                if (free <= range.Offset)
                {
                    position = Math.Max(Alignment.Up(other.Range.End, settings.Granularity), area.Offset + settings.Granularity);
                    continue;
                }
                range = ByteRange.Between(range.Offset, free);
            }
            Dirty.Reset(range);
            var operation = new MirrorOperation(range, isGuest: false);
            active.Add(operation);
            position = range.End;
            return operation;
        }
    }

    /// <summary>
    /// Finds out whether the piece is zeroes, now that its marks are gone: what changes from here on is marked again. It shrinks to
    /// what is zeroes, or to a chunk; the rest is marked again. That there is data needs no such care: reading tells.
    /// </summary>
    private async ValueTask LookAtAsync(MirrorOperation piece)
    {
        var range = piece.Range;
        var end = Math.Min(range.End, range.Offset + chunkBytes);
        if (range.Offset < data.Start || range.Offset >= data.End)
        {
            var (runEnd, isZero) = await AskAsync(range);
            var zeroEnd = runEnd >= range.End ? range.End : Alignment.Down(runEnd, unit);
            if (isZero && zeroEnd > range.Offset)
            {
                piece.IsZero = true;
                end = zeroEnd;
            }
            else if (isZero)
            {
                // A unit that is zero only in part is data.
                end = Math.Min(range.End, range.Offset + unit);
            }
            else
            {
                data = (range.Offset, runEnd);
            }
        }
        if (!piece.IsZero && data.End > range.Offset)
        {
            end = Math.Min(end, Alignment.Up(data.End, unit));
        }
        if (end < range.End)
        {
            piece.Range = ByteRange.Between(range.Offset, end);
            Dirty.Set(ByteRange.Between(end, range.End));
            position = end;
            ended.Wake();
        }
    }

    /// <summary>The end of the run of zeroes, or of data, at the beginning of the range; neighbours of a kind are taken together.</summary>
    private async ValueTask<(long End, bool IsZero)> AskAsync(ByteRange range)
    {
        var (end, isZero) = await AskOnceAsync(range.Offset);
        var enough = isZero ? range.End : Math.Min(range.End, range.Offset + chunkBytes);
        while (end < enough)
        {
            var (next, nextIsZero) = await AskOnceAsync(end);
            if (nextIsZero != isZero)
            {
                break;
            }
            end = next;
        }
        return (end, isZero);
    }

    private async ValueTask<(long End, bool IsZero)> AskOnceAsync(long offset)
    {
        var wanted = ByteRange.Between(offset, Math.Min(SizeBytes, offset + Block.Limits.CopyStatus));
        var answer = (await source.Node.BlockStatusAboveAsync(null, includeBase: false, wanted, wantZero: true)).Block;
        // Whoever can't tell gets read.
        return answer.Status == IoStatus.Ok && answer.Length > 0
            ? (offset + answer.Length, answer.IsZero)
            : (Math.Min(SizeBytes, offset + chunkBytes), false);
    }

    private async void Start(MirrorOperation piece, BlockCopyRun run)
    {
        await TransferAsync(piece);
        End(piece);
        if (piece.Status == IoStatus.Ok)
        {
            CopiedBytes += piece.Range.Length;
        }
        else
        {
            Dirty.Set(piece.Range);
        }
        CountTotal();
        run.TaskEnded(piece.Status, piece.FailedReading);
        run.Wake();
    }

    private void End(MirrorOperation operation)
    {
        _ = active.Remove(operation);
        ended.Wake();
    }
}
