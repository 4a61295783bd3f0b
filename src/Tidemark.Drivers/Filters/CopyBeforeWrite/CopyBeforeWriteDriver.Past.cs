using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Block.Copy;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Filters.CopyBeforeWrite;

// The past, for who reads it (snapshot-access). Each cluster is in one of three states:
//
//     not kept ──────────── denied                 the bitmap left it out, or a reader has given it up
//     kept, not saved ───── read from file         a guest's write to it saves it first, then waits for these reads
//     kept, saved ───────── read from target
internal sealed partial class CopyBeforeWriteDriver : IPointInTime
{
    private readonly List<ByteRange> reading = [];
    private readonly LoopSignal readEnded = new();

    // What is kept, in units of the copy; null while that is everything.
    private HierarchicalBitmap? kept;

    public async ValueTask<IoStatus> ReadPastAsync(ByteRange range, Memory<byte> target)
    {
        var offset = range.Offset;
        while (offset < range.End)
        {
            var rest = ByteRange.Between(offset, range.End);
            if (!MayRead(rest))
            {
                return IoStatus.AccessDenied;
            }
            var (isSaved, length) = Copy.FindSaved(rest);
            var piece = new ByteRange(offset, length);
            var part = target.Slice((int)(offset - range.Offset), (int)length);
            var status = isSaved ? await this.target.ReadAsync(piece, part) : await ReadFileAsync(piece, part);
            if (status != IoStatus.Ok)
            {
                return status;
            }
            offset = piece.End;
        }
        return IoStatus.Ok;
    }

    public async ValueTask<BlockStatus> PastStatusAsync(ByteRange range, bool wantZero)
    {
        if (!MayRead(range))
        {
            return BlockStatus.Failed(IoStatus.AccessDenied);
        }
        var (isSaved, length) = Copy.FindSaved(range);
        var piece = new ByteRange(range.Offset, length);
        if (isSaved)
        {
            return Plain((await target.Node.BlockStatusAboveAsync(null, includeBase: false, piece, wantZero)).Block);
        }
        reading.Add(piece);
        try
        {
            return Plain((await file.Node.BlockStatusAboveAsync(null, includeBase: false, piece, wantZero)).Block);
        }
        finally
        {
            EndReading(piece);
        }
    }

    public async ValueTask<IoStatus> DiscardPastAsync(ByteRange range)
    {
        // Only clusters that are given up whole; the last one may be cut by the end of the disk.
        var start = Alignment.Up(range.Offset, Copy.ClusterSize);
        var end = range.End == SizeBytes ? range.End : Alignment.Down(range.End, Copy.ClusterSize);
        if (start >= end)
        {
            return IoStatus.Ok;
        }
        var whole = ByteRange.Between(start, end);
        if (kept is null)
        {
            kept = new HierarchicalBitmap(SizeBytes, Copy.Remaining.GranularityBits);
            kept.SetAll();
        }
        kept.Reset(whole);
        Copy.Forget(whole);
        return await target.DiscardAsync(whole);
    }

    private void Restrict(HierarchicalBitmap bitmap)
    {
        Copy.Restrict(bitmap);
        kept = Copy.Remaining.Clone();
    }

    private bool MayRead(ByteRange range) => !Copy.IsBroken && (kept is null || kept.IsAllOnes(range));

    private bool IsBeingRead(ByteRange range)
    {
        foreach (var piece in reading)
        {
            if (piece.Overlaps(range))
            {
                return true;
            }
        }
        return false;
    }

    private async ValueTask<IoStatus> ReadFileAsync(ByteRange piece, Memory<byte> part)
    {
        reading.Add(piece);
        try
        {
            return await file.ReadAsync(piece, part);
        }
        finally
        {
            EndReading(piece);
        }
    }

    private void EndReading(ByteRange piece)
    {
        _ = reading.Remove(piece);
        readEnded.Wake();
    }

    // Where the bytes lie is nobody's business: they move when they are saved. And it is this node that determines the content.
    private static BlockStatus Plain(BlockStatus answer) =>
        answer with
        {
            Flags = answer.Flags & (BlockStatusFlags.Data | BlockStatusFlags.Zero) | BlockStatusFlags.Allocated,
            File = null,
            HostOffset = 0,
        };
}
