using Tidemark.Core.Units;

namespace Tidemark.Bitmaps.Tests;

/// <summary>A bitmap as plainly as one can write it: an array of booleans, every operation a loop over granules.</summary>
internal sealed class BitmapModel(long size, int granularityBits)
{
    private bool[] dirty = new bool[BitsFor(size, granularityBits)];

    public long Size { get; private set; } = size;

    public int GranularityBits => granularityBits;

    public long Count => dirty.AsSpan().Count(true);

    public bool this[long bit]
    {
        get => dirty[bit];
        set => dirty[bit] = value;
    }

    public long Bits => dirty.Length;

    public bool At(long offset) => dirty[offset >> granularityBits];

    public void Set(ByteRange range)
    {
        for (var bit = range.Offset >> granularityBits; bit <= (range.End - 1) >> granularityBits; bit++)
        {
            dirty[bit] = true;
        }
    }

    public void Reset(ByteRange range)
    {
        for (var bit = range.Offset >> granularityBits; bit <= (range.End - 1) >> granularityBits; bit++)
        {
            var start = bit << granularityBits;
            var end = Math.Min(start + (1L << granularityBits), Size);
            if (start >= range.Offset && end <= range.End)
            {
                dirty[bit] = false;
            }
        }
    }

    public void Clear() => Array.Clear(dirty);

    public void Resize(long newSize)
    {
        Array.Resize(ref dirty, (int)BitsFor(newSize, granularityBits));
        Size = newSize;
    }

    public void MergeFrom(BitmapModel source)
    {
        for (long bit = 0; bit < source.Bits; bit++)
        {
            if (source[bit])
            {
                var start = bit << source.GranularityBits;
                Set(ByteRange.Between(start, Math.Min(start + (1L << source.GranularityBits), Size)));
            }
        }
    }

    public long FindNext(long offset, long length, bool wanted)
    {
        for (var at = offset; at < Math.Min(offset + length, Size); at = ((at >> granularityBits) + 1) << granularityBits)
        {
            if (At(at) == wanted)
            {
                return at;
            }
        }
        return -1;
    }

    public byte[] Bytes()
    {
        var bytes = new byte[(dirty.Length + 63) / 64 * 8];
        for (var bit = 0; bit < dirty.Length; bit++)
        {
            if (dirty[bit])
            {
                bytes[bit / 8] |= (byte)(1 << (bit % 8));
            }
        }
        return bytes;
    }

    private static long BitsFor(long size, int granularityBits) => Alignment.DivideUp(size, 1L << granularityBits);
}
