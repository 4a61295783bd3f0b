using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy.Mirror;

// Finding out what is to be copied to begin with.
public sealed partial class MirrorCopy
{
    private long zeroed;
    private long scanned;
    private bool isBlank;

    /// <summary>
    /// Finds out what is to be copied to begin with. Comes back early when <paramref name="run"/> is interrupted, or with an error of
    /// the source or the target; another call goes on. A target that takes zeroes as holes is zeroed first, so that only what the
    /// source has is copied.
    /// </summary>
    public async ValueTask<BlockCopyResult> BeginAsync(BlockCopyRun run)
    {
        if (settings.Start == MirrorStart.Everything && !isBlank)
        {
            var status = await ZeroTargetAsync(run);
            if (status == IoStatus.NotSupported)
            {
                Dirty.SetAll();
                scanned = SizeBytes;
            }
            else if (status != IoStatus.Ok)
            {
                return new(BlockCopyOutcome.Failed, status);
            }
            isBlank = !run.IsInterrupted;
        }
        if (settings.Start != MirrorStart.Nothing && !run.IsInterrupted)
        {
            var status = await ScanAsync(run);
            if (status != IoStatus.Ok)
            {
                return new(BlockCopyOutcome.Failed, status, IsRead: true);
            }
        }
        if (run.IsInterrupted)
        {
            return new(BlockCopyOutcome.Interrupted);
        }
        IsStarted = true;
        CountTotal();
        return new(BlockCopyOutcome.Done);
    }

    private async ValueTask<IoStatus> ZeroTargetAsync(BlockCopyRun run)
    {
        if (!settings.MayUnmap || target.Node.Options.Discard == DiscardMode.Ignore)
        {
            return IoStatus.NotSupported;
        }
        while (zeroed < SizeBytes && !run.IsInterrupted)
        {
            var piece = ByteRange.Between(zeroed, Math.Min(SizeBytes, zeroed + Block.Limits.CopyZeroes));
            var status = await target.WriteZeroesAsync(piece, RequestFlags.MayUnmap | RequestFlags.NoFallback);
            if (status != IoStatus.Ok)
            {
                return status;
            }
            zeroed = piece.End;
            await Task.Yield();
        }
        return IoStatus.Ok;
    }

    private async ValueTask<IoStatus> ScanAsync(BlockCopyRun run)
    {
        var questions = 0;
        while (scanned < SizeBytes && !run.IsInterrupted)
        {
            var rest = ByteRange.Between(scanned, SizeBytes);
            var answer = (
                await source.Node.BlockStatusAboveAsync(settings.Base, includeBase: false, rest, wantZero: false)
            ).Block;
            if (answer.Status != IoStatus.Ok)
            {
                return answer.Status;
            }
            var end = answer.Length == 0 ? SizeBytes : scanned + answer.Length;
            if (answer.IsAllocated)
            {
                Dirty.Set(ByteRange.Between(scanned, end));
            }
            scanned = end;
            if (++questions % Block.Limits.CopyQuestions == 0)
            {
                await Task.Yield();
            }
        }
        return IoStatus.Ok;
    }
}
