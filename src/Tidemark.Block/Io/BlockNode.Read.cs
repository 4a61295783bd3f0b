using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    /// <summary>
    /// Fills <paramref name="target"/>, which is as long as the range. Behind the node's end it reads zeroes: that is how
    /// formats see files that end early. Users' bounds are checked by their backend.
    /// </summary>
    public ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        Invariant.That(target.Length == range.Length, "target covers the range exactly");
        if (range.End > Driver.SizeBytes)
        {
            return ReadPastEndAsync(range, target, flags);
        }
        return FitsDriver(range, target) ? driver!.ReadAsync(range, target, flags) : ReadInPiecesAsync(range, target, flags);
    }

    private async ValueTask<IoStatus> ReadPastEndAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        // A request may end in the padding of the last block: the driver can still read that.
        var readable = Alignment.Up(SizeBytes, limits.RequestAlignment);
        if (range.Offset >= readable)
        {
            target.Span.Clear();
            return IoStatus.Ok;
        }
        if (range.End <= readable)
        {
            return FitsDriver(range, target)
                ? await Driver.ReadAsync(range, target, flags)
                : await ReadInPiecesAsync(range, target, flags);
        }
        var inside = (int)(readable - range.Offset);
        var status = await ReadInPiecesAsync(new ByteRange(range.Offset, inside), target[..inside], flags);
        target.Span[inside..].Clear();
        return status;
    }

    private async ValueTask<IoStatus> ReadInPiecesAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        var done = 0;
        while (done < target.Length)
        {
            var offset = range.Offset + done;
            var rest = target[done..];
            IoStatus status;
            int length;
            if (
                Alignment.Is(offset, limits.RequestAlignment)
                && rest.Length >= limits.RequestAlignment
                && IsAlignedMemory(rest.Span)
            )
            {
                length = (int)Alignment.Down(Math.Min(rest.Length, LongestTransfer), limits.RequestAlignment);
                status = await Driver.ReadAsync(new ByteRange(offset, length), rest[..length], flags);
            }
            else
            {
                (status, length) = await ReadPaddedAsync(offset, rest, flags);
            }
            if (status != IoStatus.Ok)
            {
                return status;
            }
            done += length;
        }
        return IoStatus.Ok;
    }

    private async ValueTask<(IoStatus Status, int Length)> ReadPaddedAsync(long offset, Memory<byte> target, RequestFlags flags)
    {
        var start = Alignment.Down(offset, limits.RequestAlignment);
        var longest = Math.Max(Math.Min(LongestTransfer, Block.Limits.BounceBuffer), limits.RequestAlignment);
        var end = Math.Min(Alignment.Up(offset + target.Length, limits.RequestAlignment), start + longest);
        using var bounce = AlignedBufferPool.Shared.Rent((int)(end - start));
        var status = await Driver.ReadAsync(ByteRange.Between(start, end), bounce.Memory, flags & ~RequestFlags.Prefetch);
        var length = (int)Math.Min(end - offset, target.Length);
        if (status == IoStatus.Ok)
        {
            bounce.Memory.Span.Slice((int)(offset - start), length).CopyTo(target.Span);
        }
        return (status, length);
    }

    private int LongestTransfer => limits.MaxTransfer == 0 ? int.MaxValue & ~4095 : limits.MaxTransfer;

    private bool FitsDriver(ByteRange range, ReadOnlyMemory<byte> memory) =>
        ((range.Offset | range.Length) & (limits.RequestAlignment - 1)) == 0
        && range.Length <= LongestTransfer
        && (limits.MemoryAlignment == 1 || IsAlignedMemory(memory.Span));

    private unsafe bool IsAlignedMemory(ReadOnlySpan<byte> memory)
    {
        // Native buffers do not move; a managed one that happens to be aligned may, and the file layer pins it first.
        fixed (byte* start = memory)
        {
            return ((nint)start & (limits.MemoryAlignment - 1)) == 0;
        }
    }
}
