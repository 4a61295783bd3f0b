using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Bitmaps.Tests;

/// <summary>States, refusals, and undoing. Rules B5, B6, Q3, Q4, Q5, T4.</summary>
public sealed class DirtyBitmapTests
{
    private const long Kib = 1024;
    private const long Mib = 1024 * Kib;

    private readonly DirtyBitmapSet set = new(64 * Mib);

    [Fact]
    public void A_busy_bitmap_refuses_every_use_in_words()
    {
        var bitmap = set.Add("b0");
        bitmap.Lock();
        foreach (var access in new[] { BitmapAccess.Read, BitmapAccess.Modify, BitmapAccess.Remove })
        {
            var error = Assert.Throws<BlockException>(() => bitmap.Check(access));
            Assert.Equal("Bitmap 'b0' is currently in use by another operation and cannot be used", error.Message);
        }
        bitmap.Unlock();
        bitmap.Check(BitmapAccess.Modify);
        bitmap.CreateSuccessor();
        _ = Assert.Throws<BlockException>(() => bitmap.Check(BitmapAccess.Read));
    }

    [Fact]
    public void A_stored_bitmap_of_a_read_only_image_can_be_read_but_not_modified()
    {
        var bitmap = set.AddLoaded("rec", 65536, recording: true);
        bitmap.IsReadOnly = true;
        bitmap.Check(BitmapAccess.Read);
        foreach (var access in new[] { BitmapAccess.Modify, BitmapAccess.Remove })
        {
            var error = Assert.Throws<BlockException>(() => bitmap.Check(access));
            Assert.Equal("Bitmap 'rec' is readonly and cannot be modified", error.Message);
        }
        bitmap.Disable();
        Assert.Equal("disabled", bitmap.Status);
    }

    [Fact]
    public void An_inconsistent_bitmap_can_only_be_removed()
    {
        var bitmap = set.AddLoaded("rec", 65536, recording: true);
        bitmap.Condemn();
        foreach (var access in new[] { BitmapAccess.Modify, BitmapAccess.Read })
        {
            var error = Assert.Throws<BlockException>(() => bitmap.Check(access));
            Assert.Equal("Bitmap 'rec' is inconsistent and cannot be used", error.Message);
            Assert.Equal("Try block-dirty-bitmap-remove to delete this bitmap from disk", error.Hint);
        }
        Assert.Equal(
            (true, false, true, 0, "inconsistent"),
            (bitmap.IsInconsistent, bitmap.IsRecording, bitmap.IsPersistent, bitmap.DirtyBytes, bitmap.Status)
        );
        set.Mark(new ByteRange(0, 1));
        Assert.Equal(0, bitmap.DirtyBytes);
        bitmap.Check(BitmapAccess.Remove);
        set.Remove(bitmap);
        Assert.Equal(0, set.Count);
    }

    [Fact]
    public void What_is_not_in_the_table_is_a_broken_invariant()
    {
        foreach (var from in Enum.GetValues<BitmapPhase>())
        {
            foreach (var verb in Enum.GetValues<BitmapVerb>().Where(verb => BitmapTransitions.Next(from, verb) is null))
            {
                _ = Assert.Throws<BrokenInvariant>(() => Do(BitmapIn(from), verb));
            }
        }
    }

    [Fact]
    public void What_is_in_the_table_leads_where_it_says()
    {
        foreach (var from in Enum.GetValues<BitmapPhase>())
        {
            foreach (var verb in Enum.GetValues<BitmapVerb>())
            {
                if (BitmapTransitions.Next(from, verb) is { } to)
                {
                    var bitmap = BitmapIn(from);
                    Do(bitmap, verb);
                    Assert.Equal(to, bitmap.Phase);
                }
            }
        }
    }

    [Fact]
    public void The_old_status_word_follows_from_the_states()
    {
        var bitmap = set.Add("b");
        Assert.Equal("active", bitmap.Status);
        bitmap.Disable();
        Assert.Equal("disabled", bitmap.Status);
        bitmap.Lock();
        Assert.Equal(("locked", true), (bitmap.Status, bitmap.IsBusy));
        bitmap.Unlock();
        bitmap.CreateSuccessor();
        Assert.Equal(("frozen", true), (bitmap.Status, bitmap.IsBusy));
    }

    [Fact]
    public void A_locked_bitmap_goes_on_recording()
    {
        var bitmap = set.Add("b");
        bitmap.Lock();
        set.Mark(new ByteRange(0, 1));
        Assert.Equal(65536, bitmap.DirtyBytes);
    }

    [Fact]
    public void Clearing_can_be_taken_back_exactly()
    {
        var bitmap = set.Add("b");
        set.Mark(new ByteRange(5 * Mib, 3 * Mib));
        var before = bitmap.Content.Sha256Hex();
        bitmap.Clear(out var saved);
        Assert.Equal(0, bitmap.DirtyBytes);
        set.Mark(new ByteRange(0, 1));
        Assert.Equal(65536, bitmap.DirtyBytes);
        bitmap.Restore(saved);
        Assert.Equal(before, bitmap.Content.Sha256Hex());
        set.Mark(new ByteRange(0, 1));
        Assert.Equal((3 * Mib) + 65536, bitmap.DirtyBytes);
    }

    [Fact]
    public void Merging_can_be_taken_back_exactly()
    {
        var (target, fine, coarse) = (set.Add("t", recording: false), set.Add("f", 512), set.Add("c", 1 * Mib));
        set.Mark(new ByteRange((2 * Mib) + 1000, 1));
        target.MergeFrom([fine, coarse], out var saved);
        Assert.Equal(1 * Mib, target.DirtyBytes);
        target.Restore(saved);
        Assert.Equal(0, target.DirtyBytes);
        target.MergeFrom([fine]);
        Assert.Equal(64 * Kib, target.DirtyBytes);
    }

    [Fact]
    public void A_merge_with_one_bad_source_changes_nothing()
    {
        var other = new DirtyBitmapSet(128 * Mib).Add("y");
        var (target, good, broken) = (
            set.Add("t", recording: false),
            set.Add("good"),
            set.AddLoaded("bad", 65536, recording: false)
        );
        set.Mark(new ByteRange(0, 1));
        broken.Condemn();
        Assert.Equal(
            "Bitmaps are of different sizes (destination size is 67108864, source size is 134217728) and can't be merged",
            Assert.Throws<BlockException>(() => target.MergeFrom([good, other])).Message
        );
        Assert.Equal(
            "Bitmap 'bad' is inconsistent and cannot be used",
            Assert.Throws<BlockException>(() => target.MergeFrom([good, broken], out _)).Message
        );
        Assert.Equal(0, target.DirtyBytes);
    }

    private DirtyBitmap BitmapIn(BitmapPhase phase)
    {
        var bitmap = new DirtyBitmapSet(1 * Mib).Add("b");
        switch (phase)
        {
            case BitmapPhase.Locked:
                bitmap.Lock();
                break;
            case BitmapPhase.Frozen:
                bitmap.CreateSuccessor();
                break;
            case BitmapPhase.Inconsistent:
                bitmap.Condemn();
                break;
            case BitmapPhase.Released:
                bitmap.Release();
                break;
            default:
                break;
        }
        Assert.Equal(phase, bitmap.Phase);
        return bitmap;
    }

    private static void Do(DirtyBitmap bitmap, BitmapVerb verb)
    {
        Action act = verb switch
        {
            BitmapVerb.Enable => bitmap.Enable,
            BitmapVerb.Disable => bitmap.Disable,
            BitmapVerb.Lock => bitmap.Lock,
            BitmapVerb.Unlock => bitmap.Unlock,
            BitmapVerb.CreateSuccessor => bitmap.CreateSuccessor,
            BitmapVerb.Reclaim => bitmap.Reclaim,
            BitmapVerb.Abdicate => bitmap.Abdicate,
            BitmapVerb.Change => bitmap.Clear,
            BitmapVerb.Condemn => bitmap.Condemn,
            BitmapVerb.Release => bitmap.Release,
            _ => throw new ArgumentOutOfRangeException(nameof(verb)),
        };
        act();
    }
}
