using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy.Mirror;

// Moving one piece.
public sealed partial class MirrorCopy
{
    private bool zeroesAreSlow;

    private async ValueTask TransferAsync(MirrorOperation piece)
    {
        if (piece.IsZero)
        {
            piece.Status = await WriteZeroesAsync(piece.Range);
            return;
        }
        using var buffer = AlignedBufferPool.Shared.Rent((int)piece.Range.Length);
        piece.Status = await source.ReadAsync(piece.Range, buffer.Memory, RequestFlags.Background);
        if (piece.Status != IoStatus.Ok)
        {
            piece.FailedReading = true;
            return;
        }
        piece.Status = await target.WriteAsync(piece.Range, buffer.Memory, RequestFlags.Background);
    }

    private async ValueTask<IoStatus> WriteZeroesAsync(ByteRange range)
    {
        var flags = settings.MayUnmap ? RequestFlags.MayUnmap : RequestFlags.None;
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
            var status = await target.WriteZeroesAsync(
                ByteRange.Between(offset, Math.Min(range.End, offset + chunkBytes)),
                flags
            );
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        return IoStatus.Ok;
    }
}
