using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Bitmaps.Tests;

/// <summary>Names, granularities, order, marking and resizing. Rules B2, B3, B4, B7, B8, B9.</summary>
public sealed class DirtyBitmapSetTests
{
    private const long Mib = 1 << 20;

    private readonly DirtyBitmapSet set = new(64 * Mib);

    [Fact]
    public void A_name_is_taken_once_and_not_empty()
    {
        _ = set.Add("b0");
        Assert.Equal("Bitmap already exists: b0", Refusal(() => set.Add("b0")));
        Assert.Equal("Bitmap already exists: b0", Refusal(() => set.AddLoaded("b0", 65536, recording: true)));
        Assert.Equal("Bitmap name cannot be empty", Refusal(() => set.Add("")));
        _ = set.Add("B0");
        Assert.Equal(2, set.Count);
    }

    [Fact]
    public void Only_a_persistent_name_has_a_limit()
    {
        var longest = new string('é', 511) + "a";
        Assert.NotNull(set.Add(longest, persistent: true));
        Assert.Equal($"Bitmap name too long: {longest}b", Refusal(() => set.Add(longest + "b", persistent: true)));
        Assert.NotNull(set.Add(longest + "b"));
        Assert.NotNull(set.Add(new string('x', 1_000_000)));
        Assert.NotNull(set.Add("nul\0x \u2603 \U0001F600"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(513)]
    [InlineData(3 << 20)]
    [InlineData(1L << 32)]
    [InlineData(-512)]
    [InlineData(long.MinValue)]
    public void A_granularity_outside_the_rule_is_refused(long granularity) =>
        Assert.Equal("Granularity must be power of 2 and at least 512", Refusal(() => set.Add("b", granularity)));

    [Theory]
    [InlineData(512)]
    [InlineData(65536)]
    [InlineData(1L << 31)]
    public void A_granularity_within_the_rule_is_taken(long granularity) =>
        Assert.Equal(granularity, set.Add("b", granularity).Granularity);

    [Theory]
    [InlineData(0, 65536)]
    [InlineData(512, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(16384, 16384)]
    [InlineData(65536, 65536)]
    [InlineData(2 << 20, 65536)]
    public void The_default_granularity_is_the_cluster_size_within_bounds(long clusterSize, long expected) =>
        Assert.Equal(expected, new DirtyBitmapSet(64 * Mib, clusterSize).Add("b").Granularity);

    [Fact]
    public void The_newest_comes_first_and_of_loaded_ones_the_last_in_the_file()
    {
        _ = set.AddLoaded("file 1", 65536, recording: true);
        _ = set.AddLoaded("file 2", 65536, recording: true);
        _ = set.Add("added 1");
        _ = set.Add("added 2");
        Assert.Equal("added 2, added 1, file 2, file 1", Names());
        set.Remove(set.Find("added 1")!);
        Assert.Equal("added 2, file 2, file 1", Names());
    }

    [Fact]
    public void Every_recording_bitmap_is_marked_in_its_own_granularity_and_no_other()
    {
        var (fine, coarse, off) = (set.Add("fine", 512), set.Add("coarse", Mib), set.Add("off", recording: false));
        set.Mark(new ByteRange(1000, 100));
        Assert.Equal((2 * 512, Mib, 0), (fine.DirtyBytes, coarse.DirtyBytes, off.DirtyBytes));
        off.Enable();
        fine.Disable();
        set.Mark(new ByteRange(2000, 1));
        Assert.Equal((2 * 512, Mib, 65536), (fine.DirtyBytes, coarse.DirtyBytes, off.DirtyBytes));
    }

    [Fact]
    public void Nothing_records_once_the_last_is_off_or_removed()
    {
        Assert.False(set.HasRecording);
        var (a, b) = (set.Add("a"), set.AddAnonymous(4096, recording: true));
        Assert.True(set.HasRecording);
        a.Disable();
        set.Remove(b);
        Assert.False(set.HasRecording);
        set.Mark(new ByteRange(0, 1));
        a.Enable();
        set.RemoveAll();
        Assert.False(set.HasRecording);
        Assert.Equal((0, (DirtyBitmap?)null), (set.Count, set.Find("a")));
    }

    [Fact]
    public void A_nameless_bitmap_can_not_be_found()
    {
        _ = set.AddAnonymous(65536, recording: true);
        Assert.Null(set.Find(""));
        Assert.Null(Assert.Single(set).Name);
    }

    [Fact]
    public void A_busy_bitmap_is_not_removed()
    {
        var bitmap = set.Add("b");
        bitmap.Lock();
        _ = Assert.Throws<BrokenInvariant>(() => set.Remove(bitmap));
    }

    [Fact]
    public void All_bitmaps_follow_the_nodes_size()
    {
        var (named, frozen) = (set.Add("named"), set.Add("frozen"));
        frozen.CreateSuccessor();
        set.Mark(new ByteRange(60 * Mib, 4 * Mib));
        set.Mark(new ByteRange(100 * Mib, 1));
        set.Truncate(62 * Mib);
        Assert.Equal((2 * Mib, 2 * Mib), (named.DirtyBytes, frozen.Successor!.DirtyBytes));
        set.Truncate(200 * Mib);
        set.Mark(new ByteRange(199 * Mib, 5 * Mib));
        Assert.Equal((3 * Mib, 200 * Mib), (named.DirtyBytes, frozen.SizeBytes));
        frozen.Reclaim();
        Assert.Equal(3 * Mib, frozen.DirtyBytes);
    }

    [Fact]
    public void A_size_that_cannot_be_held_leaves_all_as_they_were()
    {
        var (a, b) = (set.Add("a", 1L << 31), set.Add("b", 512));
        set.Mark(new ByteRange(0, 64 * Mib));
        _ = Assert.Throws<BlockException>(() => set.Truncate(long.MaxValue));
        Assert.Equal((64 * Mib, 64 * Mib, 64 * Mib), (set.SizeBytes, a.SizeBytes, b.SizeBytes));
        Assert.Equal((1L << 31, 64 * Mib), (a.DirtyBytes, b.DirtyBytes));
    }

    private string Names() => string.Join(", ", set.Select(static bitmap => bitmap.Name));

    private static string Refusal(Action act) => Assert.Throws<BlockException>(act).Message;
}
