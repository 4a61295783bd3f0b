using Tidemark.Core.Units;

namespace Tidemark.Bitmaps.Tests;

/// <summary>A bitmap through a job's life: what is left at its end. Rules J3, B4.</summary>
public sealed class SuccessorTests
{
    private const long Size = 16L << 20;

    private readonly DirtyBitmapSet set = new(Size);

    [Fact]
    public void While_frozen_the_bitmap_stands_still_and_new_writes_go_to_a_nameless_one()
    {
        var bitmap = set.Add("b");
        set.Mark(new ByteRange(0, 1));
        bitmap.CreateSuccessor();
        set.Mark(new ByteRange(1 << 20, 1));
        Assert.Equal((65536, true, true), (bitmap.DirtyBytes, bitmap.IsRecording, bitmap.IsBusy));
        Assert.Equal((65536, (string?)null), (bitmap.Successor!.DirtyBytes, bitmap.Successor.Name));
        Assert.Equal(2, set.Count);
    }

    [Fact]
    public void Reclaiming_leaves_old_and_new_bits()
    {
        var bitmap = set.Add("b");
        set.Mark(new ByteRange(0, 1));
        bitmap.CreateSuccessor();
        set.Mark(new ByteRange(1 << 20, 1));
        bitmap.Reclaim();
        Assert.Equal((2 * 65536, false, 1), (bitmap.DirtyBytes, bitmap.IsBusy, set.Count));
        Assert.Null(bitmap.Successor);
        set.Mark(new ByteRange(2 << 20, 1));
        Assert.Equal(3 * 65536, bitmap.DirtyBytes);
    }

    [Fact]
    public void Abdicating_leaves_new_bits_and_the_bitmap_its_name_states_and_a_place_in_front()
    {
        var bitmap = set.Add("b", persistent: true);
        _ = set.Add("later");
        set.Mark(new ByteRange(0, 1));
        bitmap.CreateSuccessor();
        _ = set.Add("latest");
        set.Mark(new ByteRange(1 << 20, 1));
        bitmap.Abdicate();
        Assert.Equal((65536, true, true), (bitmap.DirtyBytes, bitmap.IsRecording, bitmap.IsPersistent));
        Assert.True(bitmap.Content.Get(1 << 20));
        Assert.Same(bitmap, set.Find("b"));
        Assert.Equal("latest, b, later", string.Join(", ", set.Select(static one => one.Name)));
        set.Mark(new ByteRange(2 << 20, 1));
        Assert.Equal(2 * 65536, bitmap.DirtyBytes);
    }

    [Fact]
    public void A_disabled_bitmap_has_a_successor_that_records_nothing_and_stays_disabled()
    {
        var bitmap = set.Add("b");
        set.Mark(new ByteRange(0, 1));
        bitmap.Disable();
        bitmap.CreateSuccessor();
        Assert.False(set.HasRecording);
        set.Mark(new ByteRange(1 << 20, 1));
        bitmap.Abdicate();
        Assert.Equal((0, false), (bitmap.DirtyBytes, bitmap.IsRecording));
    }

    [Fact]
    public void What_a_job_did_not_reach_can_be_added_after_it_abdicated()
    {
        var bitmap = set.Add("b");
        set.Mark(new ByteRange(0, 4 << 20));
        using var remaining = bitmap.Content.Clone();
        bitmap.CreateSuccessor();
        remaining.Reset(new ByteRange(0, 3 << 20));
        set.Mark(new ByteRange(8 << 20, 1));
        bitmap.Abdicate();
        bitmap.MergeContent(remaining);
        Assert.Equal((1 << 20) + 65536, bitmap.DirtyBytes);
    }

    [Fact]
    public void Any_sequence_of_jobs_and_writes_agrees_with_sets_of_granules()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            using var own = new HierarchicalBitmap(Size, 16);
            var world = new DirtyBitmapSet(Size);
            var bitmap = world.Add("b");
            var (held, since) = (new HashSet<long>(), new HashSet<long>());
            for (var step = 0; step < 200; step++)
            {
                switch (random.Next(10))
                {
                    case 0 when !bitmap.IsBusy:
                        bitmap.CreateSuccessor();
                        break;
                    case 1 when bitmap.IsBusy:
                        bitmap.Abdicate();
                        (held, since) = (since, []);
                        break;
                    case 2 when bitmap.IsBusy:
                        bitmap.Reclaim();
                        held.UnionWith(since);
                        since.Clear();
                        break;
                    case 3 when !bitmap.IsBusy:
                        bitmap.Clear();
                        held.Clear();
                        break;
                    default:
                        var granule = random.NextInt64(Size >> 16);
                        world.Mark(new ByteRange(granule << 16, 1));
                        _ = (bitmap.IsBusy ? since : held).Add(granule);
                        break;
                }
                Assert.Equal(held.Count, bitmap.Content.CountBits);
                Assert.All(held, granule => Assert.True(bitmap.Content.Get(granule << 16)));
                Assert.Equal(since.Count, bitmap.Successor?.Content.CountBits ?? 0);
            }
        }
    }
}
