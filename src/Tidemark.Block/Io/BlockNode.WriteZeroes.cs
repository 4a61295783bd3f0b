using System.Runtime.CompilerServices;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    private readonly RequestTracker requests = new();

    /// <summary>
    /// Makes the range read as zeroes, by the driver's means or, unless <see cref="RequestFlags.NoFallback"/>, by writing them.
    /// May deallocate only with <see cref="RequestFlags.MayUnmap"/> and discard=unmap. Marks like a write.
    /// </summary>
    public ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags)
    {
        if (IsReadOnly)
        {
            return new(IoStatus.NotPermitted);
        }
        if (Options.Discard == DiscardMode.Ignore)
        {
            flags &= ~RequestFlags.MayUnmap;
        }
        return WriteZeroesTrackedAsync(range, flags);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<IoStatus> WriteZeroesTrackedAsync(ByteRange range, RequestFlags flags)
    {
        var padded = range.Expand(limits.RequestAlignment);
        var serialising = (flags & RequestFlags.Serialising) != 0 || padded != range;
        var request = serialising ? await requests.BeginSerialisingAsync(padded) : await requests.BeginAsync(range);
        var sizeBefore = SizeBytes;
        IoStatus status;
        try
        {
            status = await WriteZeroesPiecesAsync(
                range,
                flags & ~(RequestFlags.Serialising | (Driver.SupportsFua ? 0 : RequestFlags.Fua))
            );
            await RaiseAsync(DebugEvent.PwritevDone);
        }
        finally
        {
            NoteGrowth(sizeBefore);
            Written(range);
            requests.End(request);
        }
        return status == IoStatus.Ok && (flags & RequestFlags.Fua) != 0 && !Driver.SupportsFua ? await FlushAsync() : status;
    }

    // The driver gets whole units of its alignment in one piece; what sticks out at the ends goes by itself, because it may
    // have to be written as data.
    private async ValueTask<IoStatus> WriteZeroesPiecesAsync(ByteRange range, RequestFlags flags)
    {
        var offset = range.Offset;
        while (offset < range.End)
        {
            var piece = NextPiece(ByteRange.Between(offset, range.End), limits.WriteZeroesAlignment, limits.MaxWriteZeroes);
            var status = IoStatus.NotSupported;
            if (Alignment.Is(piece.Offset | piece.Length, limits.RequestAlignment))
            {
                await RaiseAsync(DebugEvent.PwritevZero);
                status = await Driver.WriteZeroesAsync(piece, flags);
            }
            if (status == IoStatus.NotSupported && (flags & RequestFlags.NoFallback) == 0)
            {
                status = await WriteZeroDataAsync(piece, flags & ~RequestFlags.MayUnmap);
            }
            if (status != IoStatus.Ok)
            {
                return status;
            }
            offset = piece.End;
        }
        return IoStatus.Ok;
    }

    private async ValueTask<IoStatus> WriteZeroDataAsync(ByteRange range, RequestFlags flags)
    {
        using var zeroes = AlignedBufferPool.Shared.Rent((int)Math.Min(range.Length, Block.Limits.ZeroBuffer));
        zeroes.GetSpan().Clear();
        var offset = range.Offset;
        while (offset < range.End)
        {
            var length = (int)Math.Min(range.End - offset, zeroes.Length);
            var status = await WritePiecesAsync(new ByteRange(offset, length), zeroes.Memory[..length], flags);
            if (status != IoStatus.Ok)
            {
                return status;
            }
            offset += length;
        }
        return IoStatus.Ok;
    }

    /// <summary>The first part of the range that is either whole units, or a remainder within one unit; at most <paramref name="longest"/> bytes (0: any).</summary>
    private static ByteRange NextPiece(ByteRange range, int unit, long longest)
    {
        var end = range.End;
        if (!Alignment.Is(range.Offset, unit))
        {
            end = Math.Min(end, Alignment.Up(range.Offset, unit));
        }
        else if (range.Length > unit)
        {
            end = Alignment.Down(end, unit);
        }
        if (longest > 0 && end - range.Offset > longest)
        {
            end = range.Offset + Math.Max(Alignment.Down(longest, unit), unit);
        }
        return ByteRange.Between(range.Offset, end);
    }
}
