using Tidemark.Core.Units;

namespace Tidemark.Bitmaps.Tests;

/// <summary>Merging and copying, within and between granularities. Rule Q5.</summary>
public sealed class MergeTests
{
    public static TheoryData<long, int, int> Shapes()
    {
        var shapes = new TheoryData<long, int, int>();
        foreach (var size in new long[] { 1, 1000, 65_537, 3_000_001, 40L << 20 })
        {
            foreach (var (target, source) in new[] { (0, 0), (3, 3), (4, 5), (5, 4), (4, 6), (6, 4), (9, 12), (12, 9), (9, 13) })
            {
                if (size >> Math.Min(target, source) <= 1_000_000)
                {
                    shapes.Add(size, target, source);
                }
            }
            foreach (
                var (target, source) in new[]
                {
                    (13, 9),
                    (9, 14),
                    (14, 9),
                    (9, 15),
                    (15, 9),
                    (9, 16),
                    (16, 9),
                    (9, 20),
                    (20, 9),
                    (9, 22),
                    (22, 9),
                }
            )
            {
                shapes.Add(size, target, source);
            }
        }
        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Merging_agrees_with_the_model_at_any_ratio(long size, int targetBits, int sourceBits)
    {
        using var target = new BitmapPair(size, targetBits, seed: 11);
        using var source = new BitmapPair(size, sourceBits, seed: 12);
        for (var round = 0; round < 6; round++)
        {
            target.Step();
            source.Step();
            source.Step();
            target.Real.MergeFrom(source.Real);
            target.Model.MergeFrom(source.Model);
            target.Compare();
            source.Compare();
        }
    }

    [Fact]
    public void Sparse_merges_of_big_bitmaps_agree_with_the_model()
    {
        var random = new Random(13);
        using var target = new BitmapPair(1L << 30, 9, seed: 14);
        using var source = new BitmapPair(1L << 30, 9, seed: 15);
        for (var round = 0; round < 5; round++)
        {
            for (var write = 0; write < 40; write++)
            {
                var range = new ByteRange(random.NextInt64(1L << 29), random.NextInt64(1L << 17) + 1);
                source.Real.Set(range);
                source.Model.Set(range);
            }
            target.Real.MergeFrom(source.Real);
            target.Model.MergeFrom(source.Model);
        }
        target.Compare();
        source.Compare();
    }

    [Fact]
    public void Full_groups_merge_into_blank_full_and_mixed_ones()
    {
        // A group is 64 blocks of 4096 granules: 128 MiB at 512 bytes.
        const long group = 128L << 20;
        using var target = new BitmapPair(4 * group, 9, seed: 16);
        using var source = new BitmapPair(4 * group, 9, seed: 17);
        foreach (var range in new[] { new ByteRange(0, 3 * group), new ByteRange(3 * group + 512, 512) })
        {
            source.Real.Set(range);
            source.Model.Set(range);
        }
        foreach (var range in new[] { new ByteRange(group, group - 512), new ByteRange(2 * group + 4096, 4096) })
        {
            target.Real.Set(range);
            target.Model.Set(range);
        }
        target.Real.MergeFrom(source.Real);
        target.Model.MergeFrom(source.Model);
        target.Compare();
    }

    [Fact]
    public void Merging_a_bitmap_into_itself_or_an_empty_one_into_it_changes_nothing()
    {
        using var pair = new BitmapPair(1 << 20, 12, seed: 18);
        using var empty = new HierarchicalBitmap(1 << 20, 9);
        pair.Step();
        pair.Step();
        pair.Real.MergeFrom(pair.Real);
        pair.Real.MergeFrom(empty);
        pair.Real.CopyContentFrom(pair.Real);
        pair.Compare();
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(200 << 20)]
    public void A_copy_is_equal_and_independent(long size)
    {
        using var pair = new BitmapPair(size, 9, seed: 19);
        for (var round = 0; round < 10; round++)
        {
            pair.Step();
            using var copy = pair.Real.Clone();
            Assert.Equal(pair.Real.Sha256Hex(), copy.Sha256Hex());
            Assert.Null(copy.Disagreement());
            copy.SetAll();
            copy.CopyContentFrom(pair.Real);
            Assert.Equal(pair.Real.Sha256Hex(), copy.Sha256Hex());
            copy.Clear();
            pair.Compare();
        }
    }

    [Fact]
    public void Bitmaps_of_different_sizes_do_not_merge()
    {
        using var small = new HierarchicalBitmap(1 << 20, 12);
        using var large = new HierarchicalBitmap(2 << 20, 12);
        _ = Assert.Throws<BrokenInvariant>(() => small.MergeFrom(large));
    }

    [Fact]
    public void Large_dense_bitmaps_are_filled_merged_split_and_given_back_to_the_bit()
    {
        // 75 MiB of bits: whole stretches of 2 MiB come as huge pages and go back to the kernel when cleared.
        const long size = (300L << 30) + 512;
        using var fine = new HierarchicalBitmap(size, 9);
        using var coarse = new HierarchicalBitmap(size, 12);
        coarse.SetAll();
        coarse.Reset(new ByteRange(100L << 30, 1 << 20));
        fine.MergeFrom(coarse);
        var expected = (size / 512) - (1 << 20 >> 9);
        Assert.Equal((expected, 100L << 30), (fine.CountBits, fine.FindNextZero(0, size)));
        using var copy = fine.Clone();
        Assert.Equal((expected, 100L << 30), (copy.CountBits, copy.FindNextZero(0, size)));
        fine.Clear();
        Assert.Equal((0, -1), (fine.CountBits, fine.FindNextDirty(0, size)));
        Assert.Null(fine.Disagreement());
        fine.Set(new ByteRange(size - 1, 1));
        copy.MergeFrom(fine);
        Assert.Equal(expected, copy.CountBits);
        fine.SetAll();
        fine.MergeFrom(copy);
        Assert.Equal(fine.BitCount, fine.CountBits);
        Assert.Null(fine.Disagreement());
        coarse.MergeFrom(fine);
        Assert.Equal(coarse.BitCount, coarse.CountBits);
    }
}
