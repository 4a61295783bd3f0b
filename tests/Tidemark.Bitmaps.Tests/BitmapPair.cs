using Tidemark.Core.Units;

namespace Tidemark.Bitmaps.Tests;

/// <summary>A bitmap and its model, led through the same random life and compared.</summary>
internal sealed class BitmapPair : IDisposable
{
    private const int AskEachUpTo = 10_000;

    private readonly Random random;
    private readonly string story;

    public BitmapPair(long size, int granularityBits, int seed)
    {
        random = new Random(seed);
        story = $"size {size}, granularity 2^{granularityBits}, seed {seed}";
        Real = new HierarchicalBitmap(size, granularityBits);
        Model = new BitmapModel(size, granularityBits);
    }

    public HierarchicalBitmap Real { get; }

    public BitmapModel Model { get; }

    /// <summary>A range of the node: short, long or everything, its ends on granules or not.</summary>
    public ByteRange SomeRange()
    {
        var offset = random.NextInt64(Model.Size);
        var length = random.Next(8) switch
        {
            0 => Model.Size - offset,
            1 => random.NextInt64(Model.Size) + 1,
            2 => (random.NextInt64(5000) + 1) << Model.GranularityBits,
            _ => (random.NextInt64(70) + 1) << Model.GranularityBits,
        };
        var range = new ByteRange(offset, Math.Min(length, Model.Size - offset));
        return random.Next(2) == 0 ? range : Clip(range.Expand(1L << Model.GranularityBits));
    }

    public void Step()
    {
        if (Model.Size == 0)
        {
            return;
        }
        var range = SomeRange();
        switch (random.Next(24))
        {
            case 0:
                Real.Clear();
                Model.Clear();
                break;
            case 1:
                Real.SetAll();
                Model.Set(new ByteRange(0, Model.Size));
                break;
            case < 10:
                Real.Reset(range);
                Model.Reset(range);
                break;
            default:
                Real.Set(range);
                Model.Set(range);
                break;
        }
    }

    public void Compare()
    {
        Assert.True(Real.Disagreement() is null, $"{Real.Disagreement()} ({story})");
        Assert.True(Model.Count == Real.CountBits, $"{Real.CountBits} bits, not {Model.Count} ({story})");
        Assert.Equal(Model.Count << Model.GranularityBits, Real.DirtyBytes);
        Assert.Equal(Model.Count == 0, Real.IsEmpty);
        if (Model.Bits > AskEachUpTo)
        {
            var bytes = new byte[Real.SerializedSize(new ByteRange(0, Model.Size))];
            _ = Real.Serialize(new ByteRange(0, Model.Size), bytes);
            Assert.True(bytes.AsSpan().SequenceEqual(Model.Bytes()), $"the bits differ ({story})");
            return;
        }
        for (long bit = 0; bit < Model.Bits; bit++)
        {
            if (Model[bit] != Real.Get(bit << Model.GranularityBits))
            {
                Assert.Fail($"bit {bit} should be {Model[bit]} ({story})");
            }
        }
    }

    public void Dispose() => Real.Dispose();

    private ByteRange Clip(ByteRange range) => ByteRange.Between(range.Offset, Math.Min(range.End, Model.Size));
}
