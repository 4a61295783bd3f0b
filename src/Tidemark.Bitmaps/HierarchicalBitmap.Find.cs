using System.Numerics;
using Tidemark.Bitmaps.Kernels;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Bitmaps;

/// <summary>Looking for dirty and clean places.</summary>
public sealed unsafe partial class HierarchicalBitmap
{
    /// <summary>
    /// The first dirty byte at or after <paramref name="offset"/> within <paramref name="length"/> bytes (cut at the end of the
    /// bitmap), or -1. It is the start of a granule, or <paramref name="offset"/> itself.
    /// </summary>
    public long FindNextDirty(long offset, long length) => Find(offset, length, dirty: true);

    /// <summary>As <see cref="FindNextDirty"/>, for the first clean byte.</summary>
    public long FindNextZero(long offset, long length) => Find(offset, length, dirty: false);

    /// <summary>
    /// The first run of dirty bytes in <c>[start, end)</c> (cut at the end of the bitmap), at most <paramref name="maxLength"/>
    /// bytes of it. False, and <paramref name="area"/> undefined, when nothing there is dirty.
    /// </summary>
    public bool NextDirtyArea(long start, long end, long maxLength, out ByteRange area)
    {
        Invariant.That(start >= 0 && maxLength > 0, "a search begins in the node and may find something");
        area = default;
        end = Math.Min(end, SizeBytes);
        if (start >= end)
        {
            return false;
        }
        var bit = NextSetBit(start >> shift, (end - 1) >> shift);
        if (bit < 0)
        {
            return false;
        }
        var from = Math.Max(start, bit << shift);
        var limit = maxLength < end - from ? from + maxLength : end;
        var zero = NextClearBit(bit, (limit - 1) >> shift);
        area = ByteRange.Between(from, zero < 0 ? limit : zero << shift);
        return true;
    }

    /// <summary>
    /// Whether byte <paramref name="offset"/> is dirty, and for how many bytes from there on (at most <paramref name="length"/>,
    /// at least 1, never beyond the end) that stays so.
    /// </summary>
    public (bool Dirty, long Length) NextStatus(long offset, long length)
    {
        Invariant.That((ulong)offset < (ulong)SizeBytes && length > 0, "the question is about bytes of the bitmap");
        length = Math.Min(length, SizeBytes - offset);
        var bit = offset >> shift;
        var dirty = (words[bit >> WordShift] >> (int)bit & 1) != 0;
        var last = (offset + length - 1) >> shift;
        var other = dirty ? NextClearBit(bit, last) : NextSetBit(bit, last);
        return (dirty, other < 0 ? length : (other << shift) - offset);
    }

    /// <summary>Whether no granule that <paramref name="range"/> touches is dirty.</summary>
    public bool IsAllZero(ByteRange range) => FindNextDirty(range.Offset, range.Length) < 0;

    /// <summary>Whether every granule that <paramref name="range"/> touches is dirty.</summary>
    public bool IsAllOnes(ByteRange range) => FindNextZero(range.Offset, range.Length) < 0;

    /// <summary>The first set bit in <c>[from, last]</c>, or -1.</summary>
    internal long NextSetBit(long from, long last)
    {
        if (from > last || setBits == 0)
        {
            return -1;
        }
        var block = from >> BlockShift;
        var bit = IsBlockDirty(block) ? FirstSetInBlock(block, from) : -1;
        if (bit < 0)
        {
            block = NextDirtyBlock(block + 1, last >> BlockShift);
            bit = block < 0 ? -1 : FirstSetInBlock(block, block << BlockShift);
        }
        GC.KeepAlive(this);
        return bit <= last ? bit : -1;
    }

    /// <summary>The first clear bit in <c>[from, last]</c>, or -1.</summary>
    internal long NextClearBit(long from, long last)
    {
        if (from > last)
        {
            return -1;
        }
        var word = from >> WordShift;
        var found = ~words[word] & (ulong.MaxValue << (int)from);
        if (found == 0)
        {
            var end = (last >> WordShift) + 1;
            word = BitKernels.FirstOther(words, word + 1, end, ulong.MaxValue);
            if (word >= end)
            {
                return -1;
            }
            found = ~words[word];
        }
        GC.KeepAlive(this);
        var bit = (word << WordShift) + BitOperations.TrailingZeroCount(found);
        return bit <= last ? bit : -1;
    }

    private long FirstSetInBlock(long block, long from)
    {
        var word = from >> WordShift;
        var found = words[word] & (ulong.MaxValue << (int)from);
        if (found == 0)
        {
            var end = (block + 1) << WordShift;
            word = BitKernels.FirstOther(words, word + 1, end, 0);
            if (word >= end)
            {
                return -1;
            }
            found = words[word];
        }
        return (word << WordShift) + BitOperations.TrailingZeroCount(found);
    }

    private long Find(long offset, long length, bool dirty)
    {
        Invariant.That(offset >= 0 && length >= 0, "a search begins in the node");
        if (offset >= SizeBytes || length == 0)
        {
            return -1;
        }
        var end = length < SizeBytes - offset ? offset + length : SizeBytes;
        var last = (end - 1) >> shift;
        var bit = dirty ? NextSetBit(offset >> shift, last) : NextClearBit(offset >> shift, last);
        return bit < 0 ? -1 : Math.Max(offset, bit << shift);
    }
}
