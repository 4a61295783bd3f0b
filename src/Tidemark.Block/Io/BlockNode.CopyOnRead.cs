using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    /// <summary>
    /// Reads, and writes to this layer what came from below it, in whole clusters: later reads find it here. Content stays the same,
    /// so that bitmaps do not mark it. No write that overlaps runs meanwhile. With <see cref="RequestFlags.Prefetch"/>
    /// <paramref name="target"/> is not filled, and what the layer has is not read. A layer that can't be written to is only read;
    /// the caller has the permission to write what is read already.
    /// </summary>
    public async ValueTask<IoStatus> ReadKeepingAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        if (IsReadOnly)
        {
            return (flags & RequestFlags.Prefetch) != 0 ? IoStatus.NotPermitted : await ReadAsync(range, target, flags);
        }
        var unit = Math.Max(Driver.ClusterSize, limits.RequestAlignment);
        var whole = ByteRange.Between(
            Alignment.Down(range.Offset, unit),
            Math.Max(range.End, Math.Min(Alignment.Up(range.End, unit), SizeBytes))
        );
        var request = await requests.BeginSerialisingAsync(whole);
        try
        {
            var longest = Math.Max(unit, Block.Limits.CopyOnReadPiece);
            var offset = whole.Offset;
            while (offset < whole.End)
            {
                var (status, length) = await KeepPieceAsync(
                    ByteRange.Between(offset, Math.Min(whole.End, offset + longest)),
                    range,
                    target,
                    flags
                );
                if (status != IoStatus.Ok)
                {
                    return status;
                }
                offset += length;
            }
            return IoStatus.Ok;
        }
        finally
        {
            requests.End(request);
        }
    }

    // The first part of the piece that this layer either has or has not.
    private async ValueTask<(IoStatus Status, long Length)> KeepPieceAsync(
        ByteRange piece,
        ByteRange wanted,
        Memory<byte> target,
        RequestFlags flags
    )
    {
        var answer = await BlockStatusAsync(piece, wantZero: false);
        if (answer.Status != IoStatus.Ok)
        {
            return (answer.Status, 0);
        }
        var isPrefetch = (flags & RequestFlags.Prefetch) != 0;
        // Behind the end there is nothing to keep.
        var isHere = answer.IsAllocated || answer.Length == 0;
        piece = new ByteRange(piece.Offset, answer.Length == 0 ? piece.Length : answer.Length);
        if (isHere)
        {
            return isPrefetch || !piece.Overlaps(wanted)
                ? (IoStatus.Ok, piece.Length)
                : (await ReadAsync(Common(piece, wanted), Part(piece, wanted, target), flags), piece.Length);
        }
        using var buffer = AlignedBufferPool.Shared.Rent((int)piece.Length);
        var status = await ReadAsync(piece, buffer.Memory, flags & ~RequestFlags.Prefetch);
        if (status != IoStatus.Ok)
        {
            return (status, 0);
        }
        await RaiseAsync(DebugEvent.CorWrite);
        writeGeneration++;
        status = buffer.Memory.Span.ContainsAnyExcept((byte)0)
            ? await WritePiecesAsync(piece, buffer.Memory, RequestFlags.WriteUnchanged | (flags & RequestFlags.Background))
            : await WriteZeroesPiecesAsync(piece, RequestFlags.WriteUnchanged);
        if (!isPrefetch && piece.Overlaps(wanted))
        {
            var common = Common(piece, wanted);
            buffer
                .Memory.Span.Slice((int)(common.Offset - piece.Offset), (int)common.Length)
                .CopyTo(Part(piece, wanted, target).Span);
        }
        return (status, piece.Length);
    }

    private static ByteRange Common(ByteRange piece, ByteRange wanted) =>
        ByteRange.Between(Math.Max(piece.Offset, wanted.Offset), Math.Min(piece.End, wanted.End));

    private static Memory<byte> Part(ByteRange piece, ByteRange wanted, Memory<byte> target)
    {
        var common = Common(piece, wanted);
        return target.Slice((int)(common.Offset - wanted.Offset), (int)common.Length);
    }
}
