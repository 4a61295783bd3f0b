using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    // Read, modify, write, for the ends that are no whole blocks and for memory that the driver can't take. The caller holds
    // the padded range against overlapping writes.
    private async ValueTask<(IoStatus Status, int Length)> WritePaddedAsync(
        long offset,
        ReadOnlyMemory<byte> data,
        RequestFlags flags
    )
    {
        var alignment = limits.RequestAlignment;
        var start = Alignment.Down(offset, alignment);
        var longest = Math.Max(Math.Min(LongestTransfer, Block.Limits.BounceBuffer), alignment);
        var end = Math.Min(Alignment.Up(offset + data.Length, alignment), start + longest);
        var length = (int)Math.Min(end - offset, data.Length);
        using var bounce = AlignedBufferPool.Shared.Rent((int)(end - start));
        var head = (int)(offset - start);
        var hasHead = head > 0;
        var hasTail = head + length < bounce.Length;
        if (hasHead)
        {
            await RaiseAsync(DebugEvent.PwritevRmwHead);
            var status = await ReadBlockAsync(start, bounce.Memory[..alignment]);
            await RaiseAsync(DebugEvent.PwritevRmwAfterHead);
            if (status != IoStatus.Ok)
            {
                return (status, 0);
            }
        }
        if (hasTail && !(hasHead && bounce.Length == alignment))
        {
            await RaiseAsync(DebugEvent.PwritevRmwTail);
            var status = await ReadBlockAsync(end - alignment, bounce.Memory[^alignment..]);
            await RaiseAsync(DebugEvent.PwritevRmwAfterTail);
            if (status != IoStatus.Ok)
            {
                return (status, 0);
            }
        }
        data.Span[..length].CopyTo(bounce.Memory.Span[head..]);
        await RaiseAsync(DebugEvent.Pwritev);
        return (await Driver.WriteAsync(ByteRange.Between(start, end), bounce.Memory, flags), length);
    }

    private ValueTask<IoStatus> ReadBlockAsync(long offset, Memory<byte> target)
    {
        if (offset >= Alignment.Up(SizeBytes, limits.RequestAlignment))
        {
            target.Span.Clear();
            return new(IoStatus.Ok);
        }
        return Driver.ReadAsync(new ByteRange(offset, target.Length), target, RequestFlags.None);
    }
}
