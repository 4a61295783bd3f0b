using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy;

// Moving one piece.
public sealed partial class BlockCopy
{
    // The target may have the source as its backing file, and readers who take from both: they must not see a cluster half copied.
    private readonly bool isFleecing;
    private bool zeroesAreSlow;
    private bool copyRangeFails;
    private bool hasFailedPacked;

    private RequestFlags WriteFlags =>
        (isFleecing ? RequestFlags.Serialising : RequestFlags.None)
        | (Settings.Compress ? RequestFlags.Compressed : RequestFlags.None);

    private async ValueTask TransferAsync(CopyTask task)
    {
        var isZero = task.IsZero;
        if (task.Run is null)
        {
            (isZero, task.IsAbsent) = await LookAtAsync(task.Range);
            if (task.IsAbsent)
            {
                return;
            }
        }
        if (isZero)
        {
            task.Status = await WriteZeroesAsync(task.Range);
        }
        else if (!await TryCopyRangeAsync(task))
        {
            await ReadAndWriteAsync(task);
        }
        if (DiscardsSource && task.Status == IoStatus.Ok)
        {
            // Before anybody may write there again. A source that can't loses nothing but room.
            _ = await source.DiscardAsync(task.Range);
        }
    }

    /// <summary>Whether all of a guest's piece is zero, or all of it absent from the top image where that is left out.</summary>
    private async ValueTask<(bool IsZero, bool IsAbsent)> LookAtAsync(ByteRange range)
    {
        var answer = (await source.Node.BlockStatusAboveAsync(null, includeBase: false, range, wantZero: true)).Block;
        var isZero = answer.Status == IoStatus.Ok && answer.IsZero && answer.Length >= range.Length;
        if (!Settings.SkipUnallocated)
        {
            return (isZero, false);
        }
        var (status, isAllocated, end) = await AskAllocatedAsync(LowerNode, range);
        return (isZero, status == IoStatus.Ok && !isAllocated && end >= range.End);
    }

    private async ValueTask<IoStatus> WriteZeroesAsync(ByteRange range)
    {
        var flags = (WriteFlags & ~RequestFlags.Compressed) | RequestFlags.MayUnmap;
        if (!zeroesAreSlow)
        {
            var status = await target.WriteZeroesAsync(range, flags | RequestFlags.NoFallback);
            if (status != IoStatus.NotSupported)
            {
                return status;
            }
            zeroesAreSlow = true;
        }
        // Chunk by chunk: zeroes as data take as long as any data, and others want the loop.
        for (var offset = range.Offset; offset < range.End; offset += chunkBytes)
        {
            var piece = ByteRange.Between(offset, Math.Min(range.End, offset + chunkBytes));
            var status = await target.WriteZeroesAsync(piece, flags);
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        return IoStatus.Ok;
    }

    private async ValueTask ReadAndWriteAsync(CopyTask task)
    {
        using var buffer = AlignedBufferPool.Shared.Rent((int)task.Range.Length);
        task.Status = await source.ReadAsync(task.Range, buffer.Memory, RequestFlags.Background);
        if (task.Status != IoStatus.Ok)
        {
            task.FailedReading = true;
            return;
        }
        var flags = WriteFlags | RequestFlags.Background;
        task.Status = await target.WriteAsync(task.Range, buffer.Memory, flags);
        if (task.Status != IoStatus.Ok && Settings.Compress)
        {
            if (task.Status == IoStatus.IoError && hasFailedPacked)
            {
                // What failed halfway left packed clusters, and those are never packed again in their place.
                task.Status = await target.WriteAsync(task.Range, buffer.Memory, flags & ~RequestFlags.Compressed);
            }
            hasFailedPacked = true;
        }
    }

    /// <summary>Copies in the kernel where that was asked for and both ends are plain bytes of files; false if it did not.</summary>
    private async ValueTask<bool> TryCopyRangeAsync(CopyTask task)
    {
        if (!Settings.UseCopyRange || copyRangeFails || Settings.Compress || isFleecing)
        {
            return false;
        }
        if (await target.Node.CopyRangeFromAsync(source.Node, task.Range) != IoStatus.Ok)
        {
            // Whatever went wrong, reading and writing tells it apart, or does not have the trouble.
            copyRangeFails = true;
            return false;
        }
        return true;
    }
}
