using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tidemark.Bitmaps.Kernels;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Bitmaps;

/// <summary>Setting and clearing.</summary>
public sealed unsafe partial class HierarchicalBitmap
{
    /// <summary>Words below one word of the groups, 2 MiB: the stretch that is cleared, or brought into being, in one go.</summary>
    private const long StretchWords = 64L * 64 * BlockWords;

    /// <summary>Dirty blocks per stretch (of 4096) from which its memory is given back rather than zeroed, in a bitmap so large.</summary>
    private const int ForgetFromBlocks = 2048;

    /// <summary>
    /// Writing zeroes costs a fraction of taking the same pages anew, so that clearing keeps memory unless there is much of it:
    /// from this size of the words on, bytes (32 TiB of disk at 64 KiB).
    /// </summary>
    private const long ForgetFromBytes = 64 << 20;

    /// <summary>
    /// Marks every granule that <paramref name="range"/> touches. What is set already costs one load per word and no store.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(ByteRange range)
    {
        Invariant.That(range.End <= SizeBytes, "the range lies in the bitmap");
        SetBits(range.Offset >> shift, (range.End - 1) >> shift);
    }

    /// <summary>Marks every granule.</summary>
    public void SetAll()
    {
        if (bitCount > 0)
        {
            SetBits(0, bitCount - 1);
        }
    }

    /// <summary>
    /// Clears every granule that lies wholly in <paramref name="range"/>; the node's last granule, which may be cut short by the
    /// node's end, counts as whole when the range reaches that end. A granule that is touched in part stays dirty.
    /// </summary>
    public void Reset(ByteRange range)
    {
        Invariant.That(range.End <= SizeBytes, "the range lies in the bitmap");
        var first = (range.Offset >> shift) + ((range.Offset & (Granularity - 1)) != 0 ? 1 : 0);
        var end = range.End == SizeBytes ? bitCount : range.End >> shift;
        if (first < end)
        {
            ResetBits(first, end - 1);
        }
    }

    /// <summary>Clears everything; costs what is dirty. A large, dense bitmap gives its memory back.</summary>
    public void Clear()
    {
        for (long slot = 0; setBits != 0 && slot < GroupMapWords(bitCount); slot++)
        {
            if (groups[slot] == 0)
            {
                continue;
            }
            ClearStretch(slot);
        }
        setBits = 0;
        GC.KeepAlive(this);
    }

    /// <summary>Sets bits <c>[first, last]</c>.</summary>
    internal void SetBits(long first, long last)
    {
        var firstWord = first >> WordShift;
        var lastWord = last >> WordShift;
        var head = ulong.MaxValue << (int)first;
        var tail = ulong.MaxValue >> (int)~last;
        if (firstWord == lastWord)
        {
            SetWord(firstWord, head & tail);
        }
        else
        {
            SetWord(firstWord, head);
            FillWords(firstWord + 1, lastWord);
            SetWord(lastWord, tail);
        }
        GC.KeepAlive(this);
    }

    /// <summary>Clears bits <c>[first, last]</c>, walking dirty blocks only.</summary>
    internal void ResetBits(long first, long last)
    {
        var lastBlock = last >> BlockShift;
        for (var block = NextDirtyBlock(first >> BlockShift, lastBlock); block >= 0; block = NextDirtyBlock(block + 1, lastBlock))
        {
            var start = Math.Max(first, block << BlockShift);
            var end = Math.Min(last, (block << BlockShift) + (1 << BlockShift) - 1);
            ResetInBlock(block, start, end);
        }
        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetWord(long index, ulong mask)
    {
        var old = words[index];
        var fresh = mask & ~old;
        if (fresh != 0)
        {
            words[index] = old | fresh;
            setBits += BitOperations.PopCount(fresh);
            NoteBlockDirty(index >> WordShift);
        }
    }

    /// <summary>Sets all bits of words <c>[from, to)</c>; in a clean block nothing is read, in a full one nothing is written.</summary>
    private void FillWords(long from, long to)
    {
        while (from < to)
        {
            if ((from & (StretchWords - 1)) == 0 && to - from >= StretchWords && groups[from >> 18] == 0)
            {
                wordMemory.ExpectDense(from);
            }
            var block = from >> WordShift;
            var end = Math.Min(to, (block + 1) << WordShift);
            var count = end - from;
            var present = IsBlockDirty(block) ? BitKernels.PopCount(words + from, count) : 0;
            if (present != count * 64)
            {
                new Span<ulong>(words + from, (int)count).Fill(ulong.MaxValue);
                setBits += (count * 64) - present;
                NoteBlockDirty(block);
            }
            from = end;
        }
    }

    private void ResetInBlock(long block, long first, long last)
    {
        var firstWord = first >> WordShift;
        var lastWord = last >> WordShift;
        var head = ulong.MaxValue << (int)first;
        var tail = ulong.MaxValue >> (int)~last;
        if (firstWord == lastWord)
        {
            ResetWord(firstWord, head & tail);
        }
        else
        {
            ResetWord(firstWord, head);
            var inner = lastWord - firstWord - 1;
            setBits -= BitKernels.PopCount(words + firstWord + 1, inner);
            NativeMemory.Clear(words + firstWord + 1, (nuint)inner * sizeof(ulong));
            ResetWord(lastWord, tail);
        }
        var start = block << WordShift;
        if (BitKernels.FirstOther(words, start, start + BlockWords, 0) == start + BlockWords)
        {
            NoteBlockClean(block);
        }
    }

    private void ResetWord(long index, ulong mask)
    {
        var gone = words[index] & mask;
        if (gone != 0)
        {
            words[index] &= ~gone;
            setBits -= BitOperations.PopCount(gone);
        }
    }

    /// <summary>Zeroes the words of 64 groups, their blocks and the groups' own word <paramref name="slot"/>; the count is the caller's.</summary>
    private void ClearStretch(long slot)
    {
        var firstSlot = slot << 6;
        var slots = Math.Min(64, BlockMapWords(bitCount) - firstSlot);
        var dirty = BitKernels.PopCount(blocks + firstSlot, slots);
        var large = dirty >= ForgetFromBlocks && wordMemory.ReservedBytes >= ForgetFromBytes;
        if (!large || !wordMemory.Forget(slot * StretchWords))
        {
            for (var group = firstSlot; group < firstSlot + slots; group++)
            {
                for (var found = blocks[group]; found != 0; found &= found - 1)
                {
                    var block = (group << 6) + BitOperations.TrailingZeroCount(found);
                    NativeMemory.Clear(words + (block << WordShift), BlockWords * sizeof(ulong));
                }
            }
        }
        NativeMemory.Clear(blocks + firstSlot, (nuint)slots * sizeof(ulong));
        groups[slot] = 0;
    }
}
