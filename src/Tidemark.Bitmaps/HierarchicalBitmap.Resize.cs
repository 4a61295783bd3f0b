using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps;

/// <summary>Following the node's size.</summary>
public sealed unsafe partial class HierarchicalBitmap
{
    /// <summary>
    /// Takes the node's new size in bytes. New space is clean, bits cut off are gone; a granule that the old or the new end cuts
    /// keeps its bit. Throws <see cref="BlockException"/> (<see cref="IoStatus.OutOfMemory"/>), unchanged, when the address space
    /// can't hold the new size. Contract B9.
    /// </summary>
    public void Resize(long newSizeBytes)
    {
        Invariant.That(newSizeBytes >= 0, "a bitmap has a size of at least 0");
        var newCount = BitsFor(newSizeBytes);
        if (newCount < bitCount)
        {
            ResetBits(newCount, bitCount - 1);
        }
        try
        {
            // Words first: if the rest fails, longer memory than needed does no harm.
            wordMemory.Resize(WordsFor(newCount));
            blockMemory.Resize(BlockMapWords(newCount));
            groupMemory.Resize(GroupMapWords(newCount));
        }
        finally
        {
            TakePointers();
        }
        (SizeBytes, bitCount) = (newSizeBytes, newCount);
    }
}
