using System.Numerics;
using Tidemark.Bitmaps.Kernels;
using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps;

/// <summary>Merging and copying. All walk the source's dirty blocks, so that a sparse source costs next to nothing.</summary>
public sealed unsafe partial class HierarchicalBitmap
{
    /// <summary>
    /// Makes dirty here whatever is dirty in <paramref name="source"/>, a bitmap of the same <see cref="SizeBytes"/>. Where the
    /// granularity differs, a finer source's bits are widened to whole granules of this one, a coarser one's are split.
    /// The source is unchanged; merging a bitmap into itself changes nothing. Contract Q5.
    /// </summary>
    public void MergeFrom(HierarchicalBitmap source)
    {
        Invariant.That(source.SizeBytes == SizeBytes, "merged bitmaps are of one size");
        if (ReferenceEquals(source, this) || source.IsEmpty)
        {
            return;
        }
        if (source.shift == shift)
        {
            MergeSame(source);
        }
        else if (source.shift > shift)
        {
            MergeCoarser(source, source.shift - shift);
        }
        else
        {
            MergeFiner(source, shift - source.shift);
        }
        GC.KeepAlive(source);
        GC.KeepAlive(this);
    }

    /// <summary>A bitmap of its own with the same size, granularity and content. The caller disposes it.</summary>
    public HierarchicalBitmap Clone()
    {
        var copy = new HierarchicalBitmap(SizeBytes, shift);
        copy.CopyContentFrom(this);
        return copy;
    }

    /// <summary>Makes this bitmap equal to <paramref name="source"/>, which must have the same size and granularity.</summary>
    public void CopyContentFrom(HierarchicalBitmap source)
    {
        Invariant.That(source.SizeBytes == SizeBytes && source.shift == shift, "a copy has the original's shape");
        if (!ReferenceEquals(source, this))
        {
            Clear();
            MergeFrom(source);
        }
    }

    private void MergeSame(HierarchicalBitmap source)
    {
        var last = BlockMapWords(bitCount) - 1;
        for (var group = source.NextDirtyGroup(0, last); group >= 0; group = source.NextDirtyGroup(group + 1, last))
        {
            var theirs = source.blocks[group];
            var ours = blocks[group];
            var first = group << BlockShift;
            if (groups[group >> 6] == 0 && source.IsDenseStretch(group >> 6))
            {
                wordMemory.ExpectDense((group >> 6) * StretchWords);
            }
            if (theirs == ulong.MaxValue && ours is 0 or ulong.MaxValue)
            {
                setBits += MergeWords(source, first, BlockWords * 64, blank: ours == 0);
            }
            else
            {
                for (var found = theirs; found != 0; found &= found - 1)
                {
                    var block = BitOperations.TrailingZeroCount(found);
                    var blank = (ours >> block & 1) == 0;
                    setBits += MergeWords(source, first + (block << WordShift), BlockWords, blank);
                }
            }
            blocks[group] = ours | theirs;
            groups[group >> 6] |= 1UL << (int)group;
        }
    }

    /// <summary>Whether the dirty blocks below word <paramref name="slot"/> of the groups touch at least half of their 4 KiB pages.</summary>
    private bool IsDenseStretch(long slot)
    {
        const int BlocksPerPageLog = 3;
        var pages = 0;
        var end = Math.Min((slot + 1) << 6, BlockMapWords(bitCount));
        for (var group = slot << 6; group < end; group++)
        {
            pages += BitOperations.PopCount(GranuleMap.Widen(blocks[group], BlocksPerPageLog));
        }
        return pages >= (64 * 64 >> BlocksPerPageLog) / 2;
    }

    /// <summary>Merges words of the same granularity; into a blank place they are copied, so that it need not be read first.</summary>
    private long MergeWords(HierarchicalBitmap source, long first, long count, bool blank) =>
        blank
            ? BitKernels.Copy(words + first, source.words + first, count)
            : BitKernels.Or(words + first, source.words + first, count);

    private void MergeFiner(HierarchicalBitmap source, int log)
    {
        var last = (source.bitCount - 1) >> BlockShift;
        for (var block = source.NextDirtyBlock(0, last); block >= 0; block = source.NextDirtyBlock(block + 1, last))
        {
            if (log >= BlockShift)
            {
                SetOne(block << BlockShift >> log);
                continue;
            }
            var first = block << WordShift;
            for (var index = first; index < first + BlockWords; index++)
            {
                var fine = source.words[index];
                var bit = index << WordShift >> log;
                if (fine == 0)
                {
                    continue;
                }
                if (fine == ulong.MaxValue)
                {
                    var end = BitKernels.FirstOther(source.words, index + 1, first + BlockWords, ulong.MaxValue);
                    SetBits(bit, ((end << WordShift) - 1) >> log);
                    index = end - 1;
                }
                else if (log >= WordShift)
                {
                    SetOne(bit);
                }
                else
                {
                    SetWord(bit >> WordShift, GranuleMap.Widen(fine, log) << (int)bit);
                }
            }
        }
    }

    private void MergeCoarser(HierarchicalBitmap source, int log)
    {
        if (log >= WordShift)
        {
            MergeRuns(source, log);
            return;
        }
        var last = (source.bitCount - 1) >> BlockShift;
        var bitsPerPart = 64 >> log;
        for (var block = source.NextDirtyBlock(0, last); block >= 0; block = source.NextDirtyBlock(block + 1, last))
        {
            var first = block << WordShift;
            var stretch = (first << log) / StretchWords;
            if (groups[stretch] == 0 && source.IsDenseStretch(block >> BlockShift))
            {
                wordMemory.ExpectDense(stretch * StretchWords);
            }
            for (var index = first; index < first + BlockWords; index++)
            {
                var coarse = source.words[index];
                if (coarse == ulong.MaxValue)
                {
                    var end = BitKernels.FirstOther(source.words, index + 1, first + BlockWords, ulong.MaxValue);
                    SetBits(index << WordShift << log, Math.Min(end << WordShift << log, bitCount) - 1);
                    index = end - 1;
                    continue;
                }
                for (var part = index << log; coarse != 0; part++)
                {
                    SetWord(part, GranuleMap.Split(coarse, log) & ValidBits(part));
                    coarse >>= bitsPerPart;
                }
            }
        }
    }

    /// <summary>Each run of coarse granules becomes one range here; at this ratio a granule is at least a word.</summary>
    private void MergeRuns(HierarchicalBitmap source, int log)
    {
        var last = source.bitCount - 1;
        for (var bit = source.NextSetBit(0, last); bit >= 0; )
        {
            var end = source.NextClearBit(bit, last);
            end = end < 0 ? last + 1 : end;
            // The last coarse granule may reach beyond the last fine one.
            SetBits(bit << log, Math.Min((end << log) - 1, bitCount - 1));
            bit = source.NextSetBit(end, last);
        }
    }

    private void SetOne(long bit) => SetWord(bit >> WordShift, 1UL << (int)bit);

    /// <summary>Those bits of word <paramref name="index"/> that stand for a granule; words wholly behind the end have none.</summary>
    private ulong ValidBits(long index)
    {
        var first = index << WordShift;
        return first + 64 <= bitCount ? ulong.MaxValue
            : first >= bitCount ? 0
            : ulong.MaxValue >> (int)(first + 64 - bitCount);
    }
}
