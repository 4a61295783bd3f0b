using Tidemark.Bitmaps.Kernels;

namespace Tidemark.Bitmaps;

/// <summary>What must be true at every moment, for tests and fuzz targets to ask after every step.</summary>
public sealed unsafe partial class HierarchicalBitmap
{
    /// <summary>Null when all levels and the count agree, else what does not. Reads the whole bitmap.</summary>
    internal string? Disagreement()
    {
        var blockCount = WordsFor(bitCount) >> WordShift;
        long seen = 0;
        for (long block = 0; block < blockCount; block++)
        {
            var set = BitKernels.PopCount(words + (block << WordShift), BlockWords);
            seen += set;
            if (IsBlockDirty(block) != (set != 0))
            {
                return $"block {block} has {set} bits, its summary says otherwise";
            }
        }
        for (long group = 0; group < BlockMapWords(bitCount); group++)
        {
            if ((groups[group >> 6] >> (int)group & 1) != 0 != (blocks[group] != 0))
            {
                return $"group {group} and its blocks disagree";
            }
        }
        for (var bit = bitCount; bit < blockCount << BlockShift; bit++)
        {
            if ((words[bit >> WordShift] >> (int)bit & 1) != 0)
            {
                return $"bit {bit} is set behind the end at {bitCount}";
            }
        }
        GC.KeepAlive(this);
        return seen == setBits ? null : $"{seen} bits are set, {setBits} are counted";
    }
}
