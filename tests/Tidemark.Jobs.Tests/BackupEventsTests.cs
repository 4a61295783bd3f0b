using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Jobs.Backup;
using static Tidemark.Jobs.Tests.JobWorld;

namespace Tidemark.Jobs.Tests;

// Goal: the events of backups come in the reference's order with its figures (contract J6).
public sealed class BackupEventsTests
{
    [Fact]
    public void A_full_backup_is_running_before_the_drained_section_ends_and_then_passes_every_status() =>
        Run(async world =>
        {
            var (source, target, _) = await world.PairAsync(size: Mega);
            _ = await world.RunAsync(new("drive0", "target0", BackupSync.Full, JobId: "j"));
            Assert.Equal(
                [
                    "j created",
                    "j running",
                    "j paused",
                    "j running",
                    "j waiting",
                    "j pending",
                    "j COMPLETED 1048576 1048576 0",
                    "j concluded",
                    "j null",
                ],
                world.Events.Take()
            );
            Assert.Equal(source.Bytes, target.Bytes);
        });

    [Fact]
    public void The_length_counts_whole_clusters() =>
        Run(async world =>
        {
            var (source, target, _) = await world.PairAsync(size: 100 * Kilo);
            _ = await world.RunAsync(new("drive0", "target0", BackupSync.Full, JobId: "j"));
            Assert.Contains("j COMPLETED 131072 131072 0", world.Events.Take());
            Assert.Equal(source.Bytes, target.Bytes);
        });

    [Fact]
    public void In_a_transaction_all_are_created_then_all_started_then_all_let_go() =>
        Run(async world =>
        {
            _ = await world.PairAsync(size: Mega);
            _ = await world.PairAsync(size: Mega, source: "drive1", target: "target1");
            BackupJob a,
                b;
            using (await world.Graph.DrainAllAsync())
            {
                a = await world.CreateAsync(new("drive0", "target0", BackupSync.Full, JobId: "a"));
                b = await world.CreateAsync(new("drive1", "target1", BackupSync.Full, JobId: "b"));
                a.Start();
                b.Start();
            }
            await a.WaitConcludedAsync();
            await b.WaitConcludedAsync();
            Assert.Equal(
                ["a created", "b created", "a running", "a paused", "b running", "b paused", "a running", "b running"],
                world.Events.Take()[..8]
            );
        });

    [Fact]
    public void A_rolled_back_backup_leaves_no_filter_and_an_unchanged_bitmap() =>
        Run(async world =>
        {
            var (_, _, guest) = await world.PairAsync();
            var bitmap = guest.Node.Bitmaps.Add("b");
            await WriteAsync(guest, 0, 1, 7);
            using (await world.Graph.DrainAllAsync())
            {
                var job = await world.CreateAsync(new("drive0", "target0", BackupSync.Incremental, JobId: "j", Bitmap: "b"));
                Assert.True(bitmap.IsBusy);
                await job.AbandonAsync();
            }
            Assert.Equal(["j created", "j aborting", "j concluded", "j null"], world.Events.Take());
            Assert.False(bitmap.IsBusy);
            Assert.Equal(65536, bitmap.DirtyBytes);
            Assert.Equal("drive0", guest.Node.Name);
            Assert.Equal(2, world.Graph.Nodes.Count);
        });

    [Fact]
    public void A_cancelled_backup_tells_how_far_it_came() =>
        Run(async world =>
        {
            var (_, _, guest) = await world.PairAsync();
            var bitmap = guest.Node.Bitmaps.Add("b");
            await WriteAsync(guest, 0, 4 * Mega, 1);
            var job = await world.StartAsync(
                new("drive0", "target0", BackupSync.Incremental, JobId: "j", Speed: 65536, Bitmap: "b")
            );
            await UntilAsync(() => job.Progress.Current == Mega);
            await WriteAsync(guest, 0, 1, 2);
            Assert.Equal(4 * Mega, bitmap.DirtyBytes);
            Assert.Equal(new JobProgress(Mega, 4 * Mega), job.Progress);
            _ = world.Events.Take();
            job.CancelBlockJob(force: false);
            await job.WaitConcludedAsync();
            Assert.Equal(["j aborting", "j CANCELLED 4194304 1048576 65536", "j concluded", "j null"], world.Events.Take());
            Assert.Equal(4 * Mega, bitmap.DirtyBytes);
        });

    [Fact]
    public void A_failing_target_is_reported_once_and_ends_the_job() =>
        Run(async world =>
        {
            var (_, target, guest) = await world.PairAsync();
            var bitmap = guest.Node.Bitmaps.Add("b");
            await WriteAsync(guest, Mega, 2 * Mega, 1);
            (target.FailWrite, target.Failure) = (2, IoStatus.NoSpace);
            _ = await world.RunAsync(new("drive0", "target0", BackupSync.Incremental, JobId: "j", Bitmap: "b"));
            Assert.Equal(
                [
                    "j ERROR write report",
                    "j aborting",
                    "j COMPLETED 2097152 1048576 0 No space left on device",
                    "j concluded",
                    "j null",
                ],
                world.Events.Take()[4..]
            );
            Assert.Equal(2 * Mega, bitmap.DirtyBytes);
        });

    [Theory]
    [InlineData(JobErrorPolicy.Report, IoStatus.IoError, "report")]
    [InlineData(JobErrorPolicy.Report, IoStatus.NoSpace, "report")]
    [InlineData(JobErrorPolicy.Ignore, IoStatus.IoError, "ignore")]
    [InlineData(JobErrorPolicy.Ignore, IoStatus.NoSpace, "ignore")]
    [InlineData(JobErrorPolicy.Stop, IoStatus.IoError, "stop")]
    [InlineData(JobErrorPolicy.Stop, IoStatus.NoSpace, "stop")]
    [InlineData(JobErrorPolicy.Enospc, IoStatus.IoError, "report")]
    [InlineData(JobErrorPolicy.Enospc, IoStatus.NoSpace, "stop")]
    [InlineData(JobErrorPolicy.Auto, IoStatus.IoError, "report")]
    [InlineData(JobErrorPolicy.Auto, IoStatus.NoSpace, "stop")]
    public void An_error_is_handled_by_policy_on_either_side(JobErrorPolicy policy, IoStatus failure, string action) =>
        Run(async world =>
        {
            foreach (var isRead in (bool[])[true, false])
            {
                var name = isRead ? "r" : "w";
                var (source, target, guest) = await world.PairAsync(source: $"s{name}", target: $"t{name}");
                source.Failure = target.Failure = failure;
                source.FailRead = isRead ? 2 : 0;
                target.FailWrite = isRead ? 0 : 2;
                var job = await world.StartAsync(
                    new(
                        guest.Node.Name,
                        $"t{name}",
                        BackupSync.Full,
                        JobId: "j",
                        OnSourceError: isRead ? policy : JobErrorPolicy.Report,
                        OnTargetError: isRead ? JobErrorPolicy.Report : policy
                    )
                );
                if (action == "stop")
                {
                    await UntilAsync(() => job.Status == JobStatus.Paused);
                    await TurnsAsync(50);
                    var info = job.DescribeBlockJob();
                    Assert.Equal(failure == IoStatus.NoSpace ? JobIoStatus.Nospace : JobIoStatus.Failed, info.IoStatus);
                    Assert.True(info.Paused);
                    Assert.Equal(3 * Mega, info.Offset);
                    job.Resume();
                    Assert.Equal(JobIoStatus.Ok, job.DescribeBlockJob().IoStatus);
                }
                await job.WaitConcludedAsync();
                var events = world.Events.Take();
                Assert.Equal($"j ERROR {(isRead ? "read" : "write")} {action}", events[4]);
                Assert.Equal(
                    action == "report" ? $"j COMPLETED 4194304 3145728 0 {failure.Describe()}" : "j COMPLETED 4194304 4194304 0",
                    events[^3]
                );
                Assert.Equal(action != "report", source.Bytes.SequenceEqual(target.Bytes));
            }
        });

    [Fact]
    public void An_ignored_fault_that_stays_is_tried_again_until_the_job_is_cancelled() =>
        Run(async world =>
        {
            var (_, target, _) = await world.PairAsync(size: Mega);
            (target.FailWrite, target.FailsForGood) = (1, true);
            var job = await world.StartAsync(
                new("drive0", "target0", BackupSync.Full, JobId: "j", OnTargetError: JobErrorPolicy.Ignore)
            );
            await UntilAsync(() => world.Events.Lines.Count(static line => line == "j ERROR write ignore") >= 5);
            Assert.Equal(JobIoStatus.Ok, job.DescribeBlockJob().IoStatus);
            job.CancelBlockJob(force: false);
            await job.WaitConcludedAsync();
            Assert.Equal("j CANCELLED 1048576 0 0", world.Events.Take()[^3]);
        });

    [Fact]
    public void A_paused_job_is_not_cancelled_without_force_and_says_so() =>
        Run(async world =>
        {
            _ = await world.PairAsync();
            var job = await world.StartAsync(new("drive0", "target0", BackupSync.Full, JobId: "j", Speed: 1));
            job.Pause();
            await UntilAsync(() => job.Status == JobStatus.Paused);
            Assert.Equal(
                "The block job for device 'j' is currently paused",
                Assert.Throws<BlockException>(() => job.CancelBlockJob(force: false)).Message
            );
            job.SetSpeed(131072);
            Assert.Equal(
                "Parameter 'speed' expects a non-negative value",
                Assert.Throws<BlockException>(() => job.SetSpeed(-1)).Message
            );
            job.SetSpeed(1L << 62);
            job.Resume();
            await job.WaitConcludedAsync();
            Assert.Contains($"j COMPLETED 4194304 4194304 {1L << 62}", world.Events.Take());
        });

    [Fact]
    public void A_negative_speed_is_refused_after_the_job_was_created() =>
        Run(async world =>
        {
            var (_, _, guest) = await world.PairAsync();
            var error = await Assert.ThrowsAsync<BlockException>(() =>
                world.StartAsync(new("drive0", "target0", BackupSync.Full, JobId: "j", Speed: -1))
            );
            Assert.Equal("Parameter 'speed' expects a non-negative value", error.Message);
            Assert.Equal(["j created", "j null"], world.Events.Take());
            Assert.Equal("drive0", guest.Node.Name);
        });

    [Fact]
    public void A_drained_section_pauses_a_job_for_its_time() =>
        Run(async world =>
        {
            _ = await world.PairAsync();
            var job = await world.StartAsync(new("drive0", "target0", BackupSync.Full, JobId: "j", Speed: 65536));
            await UntilAsync(() => job.Progress.Current == Mega);
            _ = world.Events.Take();
            using (await world.Graph.DrainAsync(world.Graph.Require("target0")))
            {
                Assert.Equal(["j paused"], world.Events.Take());
                var before = job.Progress;
                job.SetSpeed(0);
                await TurnsAsync(100);
                Assert.Equal(before, job.Progress);
            }
            Assert.Equal(["j running"], world.Events.Take());
            await job.WaitConcludedAsync();
        });

    [Fact]
    public void Sync_none_saves_what_guests_overwrite_until_it_is_cancelled() =>
        Run(async world =>
        {
            var (source, target, guest) = await world.PairAsync();
            var before = source.Bytes.ToArray();
            var job = await world.StartAsync(new("drive0", "target0", BackupSync.None, JobId: "j"));
            await WriteAsync(guest, 0, 128 * Kilo, 9);
            Assert.Equal(IoStatus.Ok, await guest.WriteZeroesAsync(new ByteRange(1 * Mega, 1)));
            Assert.Equal(IoStatus.Ok, await guest.DiscardAsync(new ByteRange(2 * Mega, 65536)));
            Assert.Equal(new JobProgress(256 * Kilo, 4 * Mega), job.Progress);
            job.Cancel(force: false);
            await job.WaitConcludedAsync();
            Assert.Equal("j CANCELLED 4194304 262144 0", world.Events.Take()[^3]);
            Assert.Equal(before.AsSpan(0, 128 * Kilo), target.Bytes.AsSpan(0, 128 * Kilo));
            Assert.Equal(before.AsSpan(Mega, 65536), target.Bytes.AsSpan(Mega, 65536));
            Assert.Equal(before.AsSpan(2 * Mega, 65536), target.Bytes.AsSpan(2 * Mega, 65536));
            Assert.DoesNotContain(target.Bytes[(3 * Mega)..], static b => b != 0);
        });
}
