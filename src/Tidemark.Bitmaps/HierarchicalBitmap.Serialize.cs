using Tidemark.Bitmaps.Kernels;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Bitmaps;

/// <summary>
/// The bits as bytes: granule i is bit i mod 8 of byte i / 8 (qcow2 spec, "Bitmap data"; the migration stream has the same). It
/// goes piecewise, a cluster or a message at a time; a piece begins at a multiple of <see cref="SerializationAlignment"/> and
/// ends at one or at the end of the node.
/// </summary>
public sealed unsafe partial class HierarchicalBitmap
{
    /// <summary>Bytes of the node to which the start of a piece must be aligned: 64 granules, 8 bytes of data.</summary>
    public long SerializationAlignment => 64L << shift;

    /// <summary>How many bytes of the node <paramref name="storedBytes"/> bytes of bitmap data stand for (at most <see cref="long.MaxValue"/>).</summary>
    public long SerializationCoverage(long storedBytes) =>
        storedBytes <= (long.MaxValue >> shift) / 8 ? storedBytes * 8 << shift : long.MaxValue;

    /// <summary>Bytes of data that <see cref="Serialize"/> makes of <paramref name="part"/>: a multiple of 8.</summary>
    public long SerializedSize(ByteRange part)
    {
        var (first, end) = Piece(part);
        return (end - first) * sizeof(ulong);
    }

    /// <summary>Bytes that the whole bitmap takes by contract B1: a bit a granule, rounded up to a byte.</summary>
    public long ContentBytes => Alignment.DivideUp(bitCount, 8);

    /// <summary>
    /// Writes the bits of <paramref name="part"/> to <paramref name="target"/>, which must hold <see cref="SerializedSize"/> bytes;
    /// what lies behind them becomes zero, so that a cluster can be written as it is. Returns the bytes that hold bits.
    /// </summary>
    public int Serialize(ByteRange part, Span<byte> target)
    {
        var (first, end) = Piece(part);
        var size = (end - first) * sizeof(ulong);
        Invariant.That(size <= target.Length && BitConverter.IsLittleEndian, "the target holds the piece");
        if (IsAllZero(part))
        {
            // A clean piece is not read: its memory may not exist yet.
            target.Clear();
            return (int)size;
        }
        new ReadOnlySpan<byte>(words + first, (int)size).CopyTo(target);
        target[(int)size..].Clear();
        GC.KeepAlive(this);
        return (int)size;
    }

    /// <summary>
    /// Replaces the bits of <paramref name="part"/> by those in <paramref name="source"/>, which must hold
    /// <see cref="ContentBytes"/>' share of the piece at least; bits behind the end of the node are not believed.
    /// </summary>
    public void Deserialize(ByteRange part, ReadOnlySpan<byte> source)
    {
        var (first, end) = Piece(part);
        var lastBit = Math.Min(end << WordShift, bitCount);
        var needed = Alignment.DivideUp(lastBit - (first << WordShift), 8);
        Invariant.That(source.Length >= needed && BitConverter.IsLittleEndian, "the source holds the piece");
        ResetBits(first << WordShift, lastBit - 1);
        source = source[..(int)needed];
        while (!source.IsEmpty)
        {
            // Block by block: a run of zeroes leaves the memory under it untouched.
            var stop = Math.Min(end, (first | (BlockWords - 1)) + 1);
            var piece = source[..(int)Math.Min(source.Length, (stop - first) * sizeof(ulong))];
            if (piece.ContainsAnyExcept((byte)0))
            {
                LoadWords(first, stop, piece);
            }
            source = source[piece.Length..];
            first = stop;
        }
        GC.KeepAlive(this);
    }

    /// <summary>Replaces the bits of <paramref name="part"/> by zeroes: a table entry that stores none.</summary>
    public void DeserializeZeroes(ByteRange part)
    {
        var (first, end) = Piece(part);
        ResetBits(first << WordShift, Math.Min(end << WordShift, bitCount) - 1);
    }

    /// <summary>Replaces the bits of <paramref name="part"/> by ones: a table entry that says so without data.</summary>
    public void DeserializeOnes(ByteRange part)
    {
        var (first, end) = Piece(part);
        SetBits(first << WordShift, Math.Min(end << WordShift, bitCount) - 1);
    }

    /// <summary>Fills clean words <c>[first, end)</c> of one block from bytes that are not all zero.</summary>
    private void LoadWords(long first, long end, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(new Span<byte>(words + first, (int)(end - first) * sizeof(ulong)));
        words[end - 1] &= ValidBits(end - 1);
        var added = BitKernels.PopCount(words + first, end - first);
        if (added != 0)
        {
            setBits += added;
            NoteBlockDirty(first >> WordShift);
        }
    }

    /// <summary>The words <c>[first, end)</c> that hold <paramref name="part"/>.</summary>
    private (long First, long End) Piece(ByteRange part)
    {
        Invariant.That(part.End <= SizeBytes, "the piece lies in the bitmap");
        Invariant.That((part.Offset & (SerializationAlignment - 1)) == 0, "a piece begins at a whole word");
        Invariant.That(
            part.End == SizeBytes || (part.End & (SerializationAlignment - 1)) == 0,
            "a piece ends at a whole word or at the end of the node"
        );
        return (part.Offset >> shift >> WordShift, ((part.End - 1) >> shift >> WordShift) + 1);
    }
}
