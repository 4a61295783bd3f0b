using System.Numerics;
using System.Runtime.CompilerServices;
using Tidemark.Bitmaps.Memory;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Bitmaps;

/// <summary>
/// One bit per granule of a node. Three levels, all exact at every moment:
/// <code>
/// groups   1 bit per 64 blocks        non-zero?    (262 144 granules; 16 GiB of disk at 64 KiB)
/// blocks   1 bit per 64 words         non-zero?    (  4 096 granules; 256 MiB of disk at 64 KiB)
/// words    1 bit per granule          dirty?       the truth
/// </code>
/// Finding, clearing, merging and copying walk down from the groups, so that they cost what is dirty; the number of set bits is
/// kept. The words lie in memory that is zero until first written: a bitmap of 64 TiB at 512 bytes is made at once.
/// Contract B1; architecture 4.
/// </summary>
/// <remarks>
/// Belongs to one loop: not thread-safe. Nothing here does I/O or allocates on the managed heap except where said. Offsets and
/// lengths are bytes of the node; a range must lie within <see cref="SizeBytes"/>, anything else is a broken invariant.
/// </remarks>
public sealed unsafe partial class HierarchicalBitmap : IDisposable
{
    internal const int WordShift = 6;
    internal const int BlockWords = 64;
    internal const int BlockShift = 12;

    private readonly ZeroedWords wordMemory;
    private readonly ZeroedWords blockMemory;
    private readonly ZeroedWords groupMemory;
    private readonly int shift;
    private ulong* words;
    private ulong* blocks;
    private ulong* groups;
    private long bitCount;
    private long setBits;

    /// <summary>
    /// A clean bitmap for <paramref name="sizeBytes"/> bytes (0 is allowed) with granules of 2^<paramref name="granularityBits"/> bytes.
    /// Throws <see cref="BlockException"/> (<see cref="IoStatus.OutOfMemory"/>) when the address space can't hold it.
    /// </summary>
    public HierarchicalBitmap(long sizeBytes, int granularityBits)
    {
        Invariant.That(sizeBytes >= 0, "a bitmap has a size of at least 0");
        Invariant.That(granularityBits is >= 0 and <= 56, "a granule is a power of two, and 64 of them fit a long");
        shift = granularityBits;
        SizeBytes = sizeBytes;
        bitCount = BitsFor(sizeBytes);
        wordMemory = new ZeroedWords(WordsFor(bitCount));
        try
        {
            blockMemory = new ZeroedWords(BlockMapWords(bitCount));
            groupMemory = new ZeroedWords(GroupMapWords(bitCount));
        }
        catch
        {
            wordMemory.Dispose();
            blockMemory?.Dispose();
            throw;
        }
        TakePointers();
    }

    /// <summary>Bytes of the node that are tracked.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Binary logarithm of <see cref="Granularity"/>.</summary>
    public int GranularityBits => shift;

    /// <summary>Bytes that one bit stands for.</summary>
    public long Granularity => 1L << shift;

    /// <summary>Number of granules: the size divided by the granularity, rounded up.</summary>
    public long BitCount => bitCount;

    /// <summary>Number of dirty granules. Costs nothing: the count is kept.</summary>
    public long CountBits => setBits;

    /// <summary>
    /// Dirty granules times granularity, in bytes; the last granule counts whole, so this may exceed <see cref="SizeBytes"/>, as
    /// with the reference.
    /// </summary>
    public long DirtyBytes => setBits <= long.MaxValue >> shift ? setBits << shift : long.MaxValue;

    /// <summary>Whether no granule is dirty.</summary>
    public bool IsEmpty => setBits == 0;

    /// <summary>Address space in use, bytes; the memory really taken is what was written to.</summary>
    public long ReservedBytes => wordMemory.ReservedBytes + blockMemory.ReservedBytes + groupMemory.ReservedBytes;

    /// <summary>Whether the granule that holds byte <paramref name="offset"/> is dirty.</summary>
    public bool Get(long offset)
    {
        Invariant.That((ulong)offset < (ulong)SizeBytes, "the byte lies in the bitmap");
        var bit = offset >> shift;
        var isSet = (words[bit >> WordShift] >> (int)bit & 1) != 0;
        GC.KeepAlive(this);
        return isSet;
    }

    /// <summary>Gives the memory back. The bitmap is of size 0 from then on.</summary>
    public void Dispose()
    {
        wordMemory.Dispose();
        blockMemory.Dispose();
        groupMemory.Dispose();
        (SizeBytes, bitCount, setBits) = (0, 0, 0);
        TakePointers();
    }

    private static long WordsFor(long bits) => Math.Max(Alignment.DivideUp(bits, BlockWords * 64L), 1) * BlockWords;

    private static long BlockMapWords(long bits) => Math.Max(Alignment.DivideUp(bits, BlockWords * 64L * 64), 1);

    private static long GroupMapWords(long bits) => Math.Max(Alignment.DivideUp(BlockMapWords(bits), 64), 1);

    private long BitsFor(long sizeBytes) => (sizeBytes >> shift) + ((sizeBytes & ((1L << shift) - 1)) != 0 ? 1 : 0);

    private void TakePointers()
    {
        words = wordMemory.Pointer;
        blocks = blockMemory.Pointer;
        groups = groupMemory.Pointer;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsBlockDirty(long block) => (blocks[block >> 6] >> (int)block & 1) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void NoteBlockDirty(long block)
    {
        var slot = block >> 6;
        var bit = 1UL << (int)block;
        var known = blocks[slot];
        if ((known & bit) != 0)
        {
            return;
        }
        if (known == 0)
        {
            groups[slot >> 6] |= 1UL << (int)slot;
        }
        blocks[slot] = known | bit;
    }

    private void NoteBlockClean(long block)
    {
        var slot = block >> 6;
        blocks[slot] &= ~(1UL << (int)block);
        if (blocks[slot] == 0)
        {
            groups[slot >> 6] &= ~(1UL << (int)slot);
        }
    }

    /// <summary>The first dirty block in <c>[from, last]</c>, or -1.</summary>
    private long NextDirtyBlock(long from, long last)
    {
        if (from > last)
        {
            return -1;
        }
        var slot = from >> 6;
        var found = blocks[slot] & (ulong.MaxValue << (int)from);
        if (found == 0)
        {
            slot = NextDirtyGroup(slot + 1, last >> 6);
            if (slot < 0)
            {
                return -1;
            }
            found = blocks[slot];
        }
        var block = (slot << 6) + BitOperations.TrailingZeroCount(found);
        return block <= last ? block : -1;
    }

    /// <summary>The first group (a word of the block map) in <c>[from, last]</c> that is not zero, or -1.</summary>
    private long NextDirtyGroup(long from, long last)
    {
        if (from > last)
        {
            return -1;
        }
        var slot = from >> 6;
        var found = groups[slot] & (ulong.MaxValue << (int)from);
        while (found == 0)
        {
            if (++slot > last >> 6)
            {
                return -1;
            }
            found = groups[slot];
        }
        var group = (slot << 6) + BitOperations.TrailingZeroCount(found);
        return group <= last ? group : -1;
    }
}
