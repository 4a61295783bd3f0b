using Tidemark.Core.Errors;
using Tidemark.Jobs.Backup;
using static Tidemark.Jobs.Tests.JobWorld;

namespace Tidemark.Jobs.Tests;

// Goal: after every end of every kind of backup the bitmap holds exactly what contract J3 says, and the figures are the reference's.
public sealed class BackupBitmapTests
{
    // At the start the bitmap has 2 MiB at 0, 2 MiB at 8 MiB and 64 KiB at 16 MiB; 64 KiB at 30 MiB are written during the job. The
    // disk has 64 MiB, of which the top image has just these. The write at 16 MiB fails; cancelling happens after a chunk.
    private const long Dirty = (4 * Mega) + (64 * Kilo);
    private const long New = 64 * Kilo;
    private const long Size = 64 * Mega;

    public enum End
    {
        Success,
        Failure,
        Cancel,
    }

    [Theory]
    [InlineData(BackupSync.Incremental, null, End.Success, New, Dirty)]
    [InlineData(BackupSync.Incremental, null, End.Failure, Dirty + New, Dirty)]
    [InlineData(BackupSync.Incremental, null, End.Cancel, Dirty + New, Dirty)]
    [InlineData(BackupSync.Incremental, BitmapSyncMode.OnSuccess, End.Success, New, Dirty)]
    [InlineData(BackupSync.Bitmap, BitmapSyncMode.OnSuccess, End.Success, New, Dirty)]
    [InlineData(BackupSync.Bitmap, BitmapSyncMode.OnSuccess, End.Failure, Dirty + New, Dirty)]
    [InlineData(BackupSync.Bitmap, BitmapSyncMode.OnSuccess, End.Cancel, Dirty + New, Dirty)]
    [InlineData(BackupSync.Bitmap, BitmapSyncMode.Never, End.Success, Dirty + New, Dirty)]
    [InlineData(BackupSync.Bitmap, BitmapSyncMode.Never, End.Failure, Dirty + New, Dirty)]
    [InlineData(BackupSync.Bitmap, BitmapSyncMode.Never, End.Cancel, Dirty + New, Dirty)]
    [InlineData(BackupSync.Bitmap, BitmapSyncMode.Always, End.Success, New, Dirty)]
    [InlineData(BackupSync.Bitmap, BitmapSyncMode.Always, End.Failure, (64 * Kilo) + New, Dirty)]
    [InlineData(BackupSync.Bitmap, BitmapSyncMode.Always, End.Cancel, Dirty - Mega + New, Dirty)]
    [InlineData(BackupSync.Full, BitmapSyncMode.OnSuccess, End.Success, New, Size)]
    [InlineData(BackupSync.Full, BitmapSyncMode.OnSuccess, End.Failure, Dirty + New, Size)]
    [InlineData(BackupSync.Full, BitmapSyncMode.OnSuccess, End.Cancel, Dirty + New, Size)]
    [InlineData(BackupSync.Full, BitmapSyncMode.Always, End.Success, New, Size)]
    [InlineData(BackupSync.Full, BitmapSyncMode.Always, End.Failure, (64 * Kilo) + New, Size)]
    [InlineData(BackupSync.Full, BitmapSyncMode.Always, End.Cancel, Size - Mega, Size)]
    [InlineData(BackupSync.Top, BitmapSyncMode.OnSuccess, End.Success, New, Dirty)]
    [InlineData(BackupSync.Top, BitmapSyncMode.OnSuccess, End.Failure, Dirty + New, Dirty)]
    [InlineData(BackupSync.Top, BitmapSyncMode.OnSuccess, End.Cancel, Dirty + New, Dirty)]
    [InlineData(BackupSync.Top, BitmapSyncMode.Always, End.Success, New, Dirty)]
    [InlineData(BackupSync.Top, BitmapSyncMode.Always, End.Failure, (64 * Kilo) + New, Dirty)]
    [InlineData(BackupSync.Top, BitmapSyncMode.Always, End.Cancel, Dirty - Mega + New, Dirty)]
    public void The_bitmap_is_left_as_the_contract_says(
        BackupSync sync,
        BitmapSyncMode? mode,
        End end,
        long expected,
        long length
    ) =>
        Run(async world =>
        {
            _ = await world.AddAsync("base", new RamDisk((int)Size));
            var source = new RamDisk((int)Size) { HasBacking = true };
            var target = new RamDisk((int)Size);
            var node = await world.AddAsync("drive0", source, ("backing", new Core.Json.JsonString("base")));
            _ = await world.AddAsync("target0", target);
            var guest = world.Guest(node);
            var bitmap = node.Bitmaps.Add("b");
            await WriteAsync(guest, 0, 2 * Mega, 1);
            await WriteAsync(guest, 8 * Mega, 2 * Mega, 1);
            await WriteAsync(guest, 16 * Mega, 64 * Kilo, 1);
            Assert.Equal(Dirty, bitmap.DirtyBytes);

            var job = await world.StartAsync(
                new("drive0", "target0", sync, JobId: "j", Speed: 65536, Bitmap: "b", BitmapMode: mode)
            );
            await UntilAsync(() => job.Progress.Current == Mega);
            Assert.Equal(length, job.Progress.Total);
            await WriteAsync(guest, 30 * Mega, 64 * Kilo, 3);
            Assert.True(bitmap.IsBusy);
            Assert.Equal(Dirty, bitmap.DirtyBytes);
            if (end == End.Cancel)
            {
                job.Cancel(force: false);
            }
            else
            {
                target.FailAt = end == End.Failure ? 16 * Mega : -1;
                job.SetSpeed(0);
            }
            await job.WaitConcludedAsync();
            Assert.Equal(end == End.Success, job.Error is null);
            Assert.False(bitmap.IsBusy);
            Assert.True(bitmap.IsRecording);
            Assert.Equal(expected, bitmap.DirtyBytes);
            Assert.Single(node.Bitmaps);
        });

    [Fact]
    public void A_coarse_bitmap_is_copied_in_whole_granules() =>
        Run(async world =>
        {
            var (_, _, guest) = await world.PairAsync();
            _ = guest.Node.Bitmaps.Add("big", granularity: Mega);
            await WriteAsync(guest, 0, 128 * Kilo, 1);
            _ = await world.RunAsync(new("drive0", "target0", BackupSync.Incremental, JobId: "j", Bitmap: "big"));
            Assert.Contains("j COMPLETED 1048576 1048576 0", world.Events.Take());
        });

    [Fact]
    public void A_fine_bitmap_is_copied_in_whole_clusters_of_the_target() =>
        Run(async world =>
        {
            var source = new RamDisk(4 * Mega);
            var target = new RamDisk(4 * Mega, clusterSize: 256 * Kilo);
            new Random(5).NextBytes(source.Bytes);
            var guest = world.Guest(await world.AddAsync("drive0", source));
            _ = await world.AddAsync("target0", target);
            _ = guest.Node.Bitmaps.Add("fine", granularity: 512);
            await WriteAsync(guest, Mega + 5, 1, 1);
            _ = await world.RunAsync(new("drive0", "target0", BackupSync.Incremental, JobId: "j", Bitmap: "fine"));
            Assert.Contains($"j COMPLETED {256 * Kilo} {256 * Kilo} 0", world.Events.Take());
            Assert.Equal(source.Bytes.AsSpan(Mega, 256 * Kilo), target.Bytes.AsSpan(Mega, 256 * Kilo));
        });

    [Fact]
    public void A_disabled_bitmap_is_emptied_by_success_and_stays_disabled() =>
        Run(async world =>
        {
            var (_, _, guest) = await world.PairAsync();
            var bitmap = guest.Node.Bitmaps.Add("b");
            await WriteAsync(guest, 0, 1, 1);
            bitmap.Disable();
            _ = await world.RunAsync(new("drive0", "target0", BackupSync.Incremental, JobId: "j", Bitmap: "b"));
            Assert.Equal(0, bitmap.DirtyBytes);
            Assert.False(bitmap.IsRecording);
        });

    [Fact]
    public void A_failed_increment_is_mended_by_the_same_command() =>
        Run(async world =>
        {
            var (source, target, guest) = await world.PairAsync();
            _ = guest.Node.Bitmaps.Add("b");
            _ = await world.RunAsync(
                new("drive0", "target0", BackupSync.Full, JobId: "j", Bitmap: "b", BitmapMode: BitmapSyncMode.OnSuccess)
            );
            await WriteAsync(guest, 0, 3 * Mega, 9);
            (target.FailWrite, target.Failure) = (target.Writes + 2, IoStatus.NoSpace);
            _ = await world.RunAsync(new("drive0", "target0", BackupSync.Incremental, JobId: "j", Bitmap: "b"));
            Assert.False(source.Bytes.SequenceEqual(target.Bytes));
            _ = await world.RunAsync(new("drive0", "target0", BackupSync.Incremental, JobId: "j", Bitmap: "b"));
            Assert.Equal(source.Bytes, target.Bytes);
        });
}
