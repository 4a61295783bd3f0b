using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Bitmaps.Tests;

/// <summary>Every operation of the bitmap against a naive model, and the corners by hand. Rules B1, B9.</summary>
public sealed class HierarchicalBitmapTests
{
    private const long Kib = 1024;
    private const long Mib = 1024 * Kib;

    /// <summary>Sizes around words, blocks, groups and the point from which memory is mapped.</summary>
    public static TheoryData<long, int> Shapes =>
        new()
        {
            { 1, 9 },
            { 512, 9 },
            { 513, 9 },
            { 64 * 512, 9 },
            { (64 * 512) + 1, 9 },
            { 100 * Kib, 12 },
            { 4096 * 512, 9 },
            { (4096 * 512) + 512, 9 },
            { 3 * Mib, 9 },
            { 64 * Mib, 16 },
            { (64 * Mib) + 512, 16 },
            { 20 * Mib, 9 },
            { 300 * Mib, 9 },
            { 5 * 1024 * Mib, 31 },
            { 1000, 0 },
        };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Setting_and_resetting_ranges_agrees_with_the_model(long size, int granularityBits)
    {
        using var pair = new BitmapPair(size, granularityBits, seed: 1);
        for (var round = 0; round < Rounds(size >> granularityBits, 40); round++)
        {
            for (var step = 0; step < 6; step++)
            {
                pair.Step();
            }
            pair.Compare();
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Finding_agrees_with_the_model(long size, int granularityBits)
    {
        using var pair = new BitmapPair(size, granularityBits, seed: 2);
        for (var round = 0; round < Rounds(size >> granularityBits, 200); round++)
        {
            pair.Step();
            var range = pair.SomeRange();
            Assert.Equal(
                pair.Model.FindNext(range.Offset, range.Length, true),
                pair.Real.FindNextDirty(range.Offset, range.Length)
            );
            Assert.Equal(
                pair.Model.FindNext(range.Offset, range.Length, false),
                pair.Real.FindNextZero(range.Offset, range.Length)
            );
            Assert.Equal(pair.Model.FindNext(range.Offset, range.Length, true) < 0, pair.Real.IsAllZero(range));
            Assert.Equal(pair.Model.FindNext(range.Offset, range.Length, false) < 0, pair.Real.IsAllOnes(range));
            var (dirty, length) = pair.Real.NextStatus(range.Offset, range.Length);
            var change = pair.Model.FindNext(range.Offset, range.Length, !pair.Model.At(range.Offset));
            Assert.Equal((pair.Model.At(range.Offset), change < 0 ? range.Length : change - range.Offset), (dirty, length));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Areas_tile_exactly_what_is_dirty(long size, int granularityBits)
    {
        using var pair = new BitmapPair(size, granularityBits, seed: 3);
        for (var round = 0; round < 20; round++)
        {
            pair.Step();
            var maxLength = round % 3 == 0 ? long.MaxValue : Math.Max(1, size / (round + 1));
            var tiled = new BitmapModel(size, granularityBits);
            long at = 0;
            while (pair.Real.NextDirtyArea(at, size, maxLength, out var area))
            {
                Assert.True(area.Offset >= at && area.Length <= maxLength && area.End <= size);
                tiled.Set(area);
                at = area.End;
            }
            Assert.Equal(pair.Model.Bytes(), tiled.Bytes());
        }
    }

    [Fact]
    public void An_area_ends_at_the_limit_that_comes_first()
    {
        using var bitmap = new HierarchicalBitmap(1 * Mib, 16);
        bitmap.Set(new ByteRange(64 * Kib, 256 * Kib));
        Assert.True(bitmap.NextDirtyArea(0, 1 * Mib, 1000, out var limited));
        Assert.Equal(new ByteRange(64 * Kib, 1000), limited);
        Assert.True(bitmap.NextDirtyArea(70_000, 80_000, long.MaxValue, out var cut));
        Assert.Equal(new ByteRange(70_000, 10_000), cut);
        Assert.True(bitmap.NextDirtyArea(0, long.MaxValue, long.MaxValue, out var whole));
        Assert.Equal(new ByteRange(64 * Kib, 256 * Kib), whole);
        Assert.False(bitmap.NextDirtyArea(320 * Kib, 1 * Mib, 1, out _));
        Assert.False(bitmap.NextDirtyArea(5 * Mib, 6 * Mib, 1, out _));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Resizing_keeps_what_fits_and_brings_clean_space(long size, int granularityBits)
    {
        using var pair = new BitmapPair(size, granularityBits, seed: 4);
        var random = new Random(5);
        for (var round = 0; round < Rounds(size >> granularityBits, 40); round++)
        {
            pair.Step();
            pair.Step();
            var newSize = round % 7 == 0 ? 0 : random.NextInt64((2 * size) + 1);
            pair.Real.Resize(newSize);
            pair.Model.Resize(newSize);
            Assert.Equal(newSize, pair.Real.SizeBytes);
            pair.Compare();
        }
    }

    [Fact]
    public void A_reset_leaves_granules_dirty_that_it_covers_only_in_part_but_clears_the_cut_last_one()
    {
        using var bitmap = new HierarchicalBitmap((3 * 64 * Kib) + 100, 16);
        bitmap.SetAll();
        bitmap.Reset(new ByteRange(1, (2 * 64 * Kib) - 1));
        Assert.Equal(
            (true, false, true, true),
            (bitmap.Get(0), bitmap.Get(64 * Kib), bitmap.Get(128 * Kib), bitmap.Get(192 * Kib))
        );
        bitmap.Reset(ByteRange.Between(192 * Kib, bitmap.SizeBytes));
        Assert.False(bitmap.Get(192 * Kib));
        bitmap.Reset(ByteRange.Between(128 * Kib, 192 * Kib - 1));
        Assert.True(bitmap.Get(128 * Kib));
    }

    [Fact]
    public void The_count_is_in_whole_granules_even_behind_the_end()
    {
        using var bitmap = new HierarchicalBitmap(64 * Mib, 31);
        bitmap.Set(new ByteRange(12345, 1));
        Assert.Equal(2147483648, bitmap.DirtyBytes);
        Assert.Equal(1, bitmap.CountBits);
    }

    [Fact]
    public void A_bitmap_of_an_empty_node_holds_nothing_and_finds_nothing()
    {
        using var bitmap = new HierarchicalBitmap(0, 16);
        bitmap.SetAll();
        bitmap.Clear();
        Assert.True(bitmap.IsEmpty);
        Assert.Equal((-1, -1), (bitmap.FindNextDirty(0, 10), bitmap.FindNextZero(0, 10)));
        Assert.Equal((0, 0), (bitmap.BitCount, bitmap.ContentBytes));
        bitmap.Resize(1 * Mib);
        Assert.Equal(0, bitmap.FindNextZero(0, 1 * Mib));
    }

    [Fact]
    public void The_finest_bitmap_of_64_tebibytes_is_made_at_once_and_works_at_both_ends()
    {
        const long size = 64L << 40;
        using var bitmap = new HierarchicalBitmap(size, 9);
        Assert.True(bitmap.ReservedBytes > 16L << 30);
        bitmap.Set(new ByteRange(0, 1));
        bitmap.Set(new ByteRange(size - 1, 1));
        Assert.Equal(size - 512, bitmap.FindNextDirty(512, size));
        using var copy = bitmap.Clone();
        Assert.Equal(2, copy.CountBits);
        bitmap.Clear();
        Assert.Equal(-1, bitmap.FindNextDirty(0, size));
        Assert.Equal(size - 512, copy.FindNextDirty(1024, size));
    }

    [Fact]
    public void A_bitmap_that_the_address_space_cannot_hold_is_refused_with_an_error()
    {
        var error = Assert.Throws<BlockException>(() => new HierarchicalBitmap(long.MaxValue, 0));
        Assert.Equal(IoStatus.OutOfMemory, error.Status);
        using var bitmap = new HierarchicalBitmap(1 * Mib, 0);
        bitmap.Set(new ByteRange(7, 1));
        _ = Assert.Throws<BlockException>(() => bitmap.Resize(long.MaxValue));
        Assert.Equal((1 * Mib, 1, 7), (bitmap.SizeBytes, bitmap.CountBits, bitmap.FindNextDirty(0, 1 * Mib)));
    }

    [Fact]
    public void A_range_behind_the_end_is_a_broken_invariant()
    {
        using var bitmap = new HierarchicalBitmap(1 * Mib, 16);
        _ = Assert.Throws<BrokenInvariant>(() => bitmap.Set(new ByteRange(1 * Mib, 1)));
        _ = Assert.Throws<BrokenInvariant>(() => bitmap.Reset(new ByteRange((1 * Mib) - 1, 2)));
        _ = Assert.Throws<BrokenInvariant>(() => bitmap.Get(1 * Mib));
        _ = Assert.Throws<BrokenInvariant>(() => bitmap.NextStatus(1 * Mib, 1));
    }

    /// <summary>The model walks every granule: few rounds over the large shapes.</summary>
    private static int Rounds(long granules, int most) => granules > 100_000 ? most / 4 : most;
}
