using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Jobs.Backup;
using static Tidemark.Jobs.Tests.JobWorld;

namespace Tidemark.Jobs.Tests;

// Goal: let the Nth request fail, for every N until a backup passes untouched. The guest never notices, the source is unharmed, and
// the same command afterwards gives the exact disk.
public sealed class BackupFaultTests
{
    [Theory]
    [InlineData(true, BitmapSyncMode.OnSuccess)]
    [InlineData(false, BitmapSyncMode.OnSuccess)]
    [InlineData(true, BitmapSyncMode.Always)]
    [InlineData(false, BitmapSyncMode.Always)]
    public void Whatever_request_fails_the_next_backup_mends_it(bool failSource, BitmapSyncMode mode)
    {
        var untouched = false;
        for (var number = 1; !untouched; number++)
        {
            Run(async world => untouched = await PlayAsync(world, failSource, mode, number));
            Assert.True(number < 500, "a backup passes in the end");
        }
    }

    [Fact]
    public void A_target_that_never_answers_breaks_the_backup_and_not_the_guest() =>
        Run(async world =>
        {
            var (source, target, guest) = await world.PairAsync(size: Mega);
            var bitmap = guest.Node.Bitmaps.Add("b");
            target.Gate = new TaskCompletionSource();
            var job = await world.StartAsync(
                new(
                    "drive0",
                    "target0",
                    BackupSync.Full,
                    JobId: "j",
                    Bitmap: "b",
                    BitmapMode: BitmapSyncMode.OnSuccess,
                    CbwTimeout: 1
                )
            );
            await WriteAsync(guest, 0, 65536, 9);
            Assert.Equal(9, source.Bytes[0]);
            Assert.Equal(IoStatus.Ok, await guest.FlushAsync());
            target.Gate.SetResult();
            target.Gate = null;
            await job.WaitConcludedAsync();
            Assert.Equal("Connection timed out", job.Error?.Text);
            Assert.Contains("j ERROR write report", world.Events.Take());
            Assert.Equal(65536, bitmap.DirtyBytes);
        });

    // What the target may have lost must be copied again: the whole disk, though the bitmap had but a little of it before.
    [Theory]
    [InlineData(BackupSync.Full, 2 * Mega)]
    [InlineData(BackupSync.Bitmap, 65536)]
    public void A_failed_backup_whose_target_can_not_be_flushed_leaves_all_of_it_to_be_copied(BackupSync sync, long left) =>
        Run(async world =>
        {
            var (_, target, guest) = await world.PairAsync(size: 2 * Mega);
            var bitmap = guest.Node.Bitmaps.Add("b", granularity: 65536, persistent: true);
            await WriteAsync(guest, Mega, 1, 7);
            (target.FailAt, target.Failure, target.FlushFailure) = (Mega, IoStatus.NoSpace, IoStatus.NoSpace);
            var job = await world.StartAsync(
                new("drive0", "target0", sync, JobId: "j", Bitmap: "b", BitmapMode: BitmapSyncMode.Always, CbwTimeout: 0)
            );
            await job.WaitConcludedAsync();
            Assert.Equal(IoStatus.NoSpace, job.Error?.Status);
            Assert.Equal(left, bitmap.DirtyBytes);
        });

    [Fact]
    public void In_the_references_way_the_guests_write_fails_and_the_backup_goes_on() =>
        Run(async world =>
        {
            var (source, target, guest) = await world.PairAsync(size: 2 * Mega);
            var before = source.Bytes.ToArray();
            var job = await world.StartAsync(
                new(
                    "drive0",
                    "target0",
                    BackupSync.Full,
                    JobId: "j",
                    Speed: 1,
                    OnCbwError: CbwErrorMode.BreakGuestWrite,
                    CbwTimeout: 0
                )
            );
            await UntilAsync(() => job.Progress.Current == Mega);
            (target.FailAt, target.Failure) = (Mega, IoStatus.NoSpace);
            Assert.Equal(IoStatus.NoSpace, await guest.WriteAsync(new ByteRange(Mega + 5, 1), new byte[1]));
            Assert.Equal(before, source.Bytes);
            target.FailAt = -1;
            job.SetSpeed(0);
            await job.WaitConcludedAsync();
            Assert.Null(job.Error);
            Assert.Equal(before, target.Bytes);
        });

    [Fact]
    public void A_guest_does_not_wait_for_pieces_that_have_not_begun() =>
        Run(async world =>
        {
            var (_, target, guest) = await world.PairAsync(size: 64 * Mega);
            target.Gate = new TaskCompletionSource();
            var job = await world.StartAsync(new("drive0", "target0", BackupSync.Full, JobId: "j", CbwTimeout: 0));
            await TurnsAsync(100);
            var waiting = WriteAsync(guest, 60 * Mega, 1, 1);
            await TurnsAsync(20);
            var writes = target.Writes;
            target.Gate.SetResult();
            target.Gate = null;
            await waiting;
            Assert.Equal(17, writes);
            await job.WaitConcludedAsync();
            Assert.Null(job.Error);
        });

    [Fact]
    public void What_was_being_saved_for_a_guest_at_the_cancel_stays_dirty_unless_it_was_saved() =>
        Run(async world =>
        {
            var target = new RamDisk(4 * Mega, clusterSize: 64 * Kilo);
            var guest = world.Guest(await world.AddAsync("drive0", new RamDisk(4 * Mega)));
            _ = await world.AddAsync("target0", target);
            var bitmap = guest.Node.Bitmaps.Add("b", granularity: 4096);
            await WriteAsync(guest, 0, 4 * Mega, 1);
            var job = await world.StartAsync(Arguments(BitmapSyncMode.Always) with { Speed = 1, CbwTimeout = 0 });
            await UntilAsync(() => job.Progress.Current == Mega);
            target.Gate = new TaskCompletionSource();
            target.FailWrite = target.Writes + 1;
            var writing = WriteAsync(guest, 3 * Mega, 1, 9);
            await TurnsAsync(20);
            job.Cancel(force: false);
            await TurnsAsync(20);
            target.Gate.SetResult();
            target.Gate = null;
            await writing;
            await job.WaitConcludedAsync();
            Assert.Equal(3 * Mega, bitmap.DirtyBytes);
        });

    [Fact]
    public void A_fleecing_target_reads_on_below_the_filter() =>
        Run(async world =>
        {
            var source = new RamDisk(Mega);
            new Random(3).NextBytes(source.Bytes);
            var before = source.Bytes.ToArray();
            var node = await world.AddAsync("drive0", source);
            var guest = world.Guest(node);
            var fleece = await world.AddAsync(
                "fleece",
                new RamDisk(Mega) { HasBacking = true },
                ("backing", new Core.Json.JsonString("drive0"))
            );
            var job = await world.StartAsync(new("drive0", "fleece", BackupSync.None, JobId: "j"));
            await WriteAsync(guest, 10_000, 200_000, 9);
            var seen = new byte[Mega];
            Assert.Equal(IoStatus.Ok, await fleece.ReadAsync(new ByteRange(0, Mega), seen, Block.Contract.RequestFlags.None));
            Assert.Equal(before, seen);
            job.Cancel(force: false);
            await job.WaitConcludedAsync();
        });

    private static async Task<bool> PlayAsync(JobWorld world, bool failSource, BitmapSyncMode mode, int number)
    {
        var (source, target, guest) = await world.PairAsync(size: (3 * Mega) + (100 * Kilo));
        (source.LongestWait, target.LongestWait) = (3, 3);
        var bitmap = guest.Node.Bitmaps.Add("b");
        await WriteAsync(guest, 0, (int)guest.SizeBytes, 1);
        var model = source.Bytes.ToArray();
        (source.FailRead, target.FailWrite) = failSource ? (source.Reads + number, 0) : (0, number);
        var failing = await world.StartAsync(Arguments(mode));
        var random = new Random(number);
        for (var i = 0; i < 20; i++)
        {
            var (offset, length) = (random.Next(3 * Mega), random.Next(1, 100_000));
            await WriteAsync(guest, offset, length, (byte)i);
            model.AsSpan(offset, length).Fill((byte)i);
        }
        await failing.WaitConcludedAsync();
        Assert.Equal(model, source.Bytes);
        var untouched = failSource ? source.FailRead > source.Reads : target.FailWrite > target.Writes;
        (source.FailRead, target.FailWrite) = (0, 0);
        Assert.True(failing.Error is not null || untouched, $"a failure is told, request {number}");
        var mended = await world.RunAsync(Arguments(mode));
        Assert.Null(mended.Error);
        Assert.True(model.AsSpan().SequenceEqual(target.Bytes), $"the second backup is exact, request {number}");
        Assert.Equal(0, bitmap.DirtyBytes);
        return untouched;
    }

    private static BackupArguments Arguments(BitmapSyncMode mode) =>
        new("drive0", "target0", BackupSync.Bitmap, JobId: "j", Bitmap: "b", BitmapMode: mode);
}
