using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    /// <summary>
    /// Writes into this image what it reads from its backing file in the range, rounded to whole clusters; what the image has already
    /// stays. No guest's write to those clusters runs meanwhile, so that none is undone. What the node's users read does not
    /// change, and no bitmap is marked. Read-only: <see cref="IoStatus.NotPermitted"/>.
    /// </summary>
    /// <param name="range">What to bring up; lies in the node.</param>
    /// <param name="flags"><see cref="RequestFlags.Background"/> or nothing.</param>
    public async ValueTask<IoStatus> CopyUpAsync(ByteRange range, RequestFlags flags)
    {
        if (IsReadOnly)
        {
            return IoStatus.NotPermitted;
        }
        var unit = Math.Max(Driver.ClusterSize, limits.RequestAlignment);
        var start = Alignment.Down(range.Offset, unit);
        var end = Math.Min(Alignment.Up(range.End, unit), SizeBytes);
        var request = await requests.BeginSerialisingAsync(ByteRange.Between(start, end));
        try
        {
            while (start < end)
            {
                var (status, length) = await CopyUpPieceAsync(ByteRange.Between(start, end), unit, flags);
                if (status != IoStatus.Ok)
                {
                    return status;
                }
                start += length;
            }
            return IoStatus.Ok;
        }
        finally
        {
            requests.End(request);
        }
    }

    private async ValueTask<(IoStatus Status, long Length)> CopyUpPieceAsync(ByteRange range, int unit, RequestFlags flags)
    {
        var own = await BlockStatusAsync(range, wantZero: false);
        if (own.Status != IoStatus.Ok || own.IsAllocated)
        {
            return (own.Status, own.Length);
        }
        // Whole clusters: one that is written in part would be read once more to fill it.
        var longest = Math.Max(Block.Limits.CopyChunk, unit);
        var missing = new ByteRange(range.Offset, Math.Min(own.Length, longest));
        var below = NextInChain is { } next
            ? (await next.BlockStatusAboveAsync(null, includeBase: true, missing, wantZero: false)).Block
            : new BlockStatus(IoStatus.Ok, BlockStatusFlags.Zero, missing.Length);
        await RaiseAsync(DebugEvent.CorWrite);
        writeGeneration++;
        if (below is { Status: IoStatus.Ok, IsZero: true } && below.Length == missing.Length)
        {
            return (await WriteZeroesPiecesAsync(missing, RequestFlags.MayUnmap), missing.Length);
        }
        using var buffer = AlignedBufferPool.Shared.Rent((int)missing.Length);
        var status = await ReadAsync(missing, buffer.Memory, flags);
        if (status != IoStatus.Ok)
        {
            return (status, 0);
        }
        status = buffer.Memory.Span.ContainsAnyExcept((byte)0)
            ? await WritePiecesAsync(missing, buffer.Memory, flags | RequestFlags.WriteUnchanged)
            : await WriteZeroesPiecesAsync(missing, RequestFlags.MayUnmap);
        return (status, missing.Length);
    }
}
