using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Jobs.Mirror;
using static Tidemark.Jobs.Tests.JobWorld;
using static Tidemark.Jobs.Tests.MirrorWorld;

namespace Tidemark.Jobs.Tests;

// Goal: let the Nth request fail, for every N until a mirror passes untouched. Guests never notice a target's fault; with a policy
// that goes on the copy is whole in the end, with one that gives up the source is as if nothing had been.
public sealed class MirrorFaultTests
{
    [Theory]
    [InlineData(true, MirrorCopyMode.Background, JobErrorPolicy.Ignore)]
    [InlineData(false, MirrorCopyMode.Background, JobErrorPolicy.Ignore)]
    [InlineData(true, MirrorCopyMode.Background, JobErrorPolicy.Stop)]
    [InlineData(false, MirrorCopyMode.Background, JobErrorPolicy.Stop)]
    [InlineData(false, MirrorCopyMode.Background, JobErrorPolicy.Report)]
    [InlineData(false, MirrorCopyMode.WriteBlocking, JobErrorPolicy.Ignore)]
    [InlineData(false, MirrorCopyMode.WriteBlocking, JobErrorPolicy.Stop)]
    [InlineData(false, MirrorCopyMode.WriteBlocking, JobErrorPolicy.Report)]
    public void Whatever_request_fails_no_write_is_lost(bool failSource, MirrorCopyMode mode, JobErrorPolicy policy)
    {
        var untouched = false;
        for (var number = 1; !untouched; number++)
        {
            Simulate(number, async world => untouched = await PlayAsync(world, failSource, mode, policy, number));
            Assert.True(number < 500, "a mirror passes in the end");
        }
    }

    [Theory]
    [InlineData(MirrorCopyMode.Background)]
    [InlineData(MirrorCopyMode.WriteBlocking)]
    public void A_guest_whose_write_fails_at_the_source_is_told_and_both_sides_stay_equal(MirrorCopyMode mode) =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, guest) = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(Arguments(mode, JobErrorPolicy.Report));
                (source.FailAt, source.Failure) = (Mega, IoStatus.IoError);
                Assert.Equal(IoStatus.IoError, await guest.WriteAsync(new ByteRange(Mega, 512), new byte[512]));
                source.FailAt = -1;
                await WriteAsync(guest, 0, 512, 7);
                job.CancelBlockJob(force: false);
                await job.WaitConcludedAsync();
                Assert.Null(job.Error);
                Assert.Equal(source.Bytes, target.Bytes);
            }
        );

    [Fact]
    public void A_full_target_stops_the_job_until_there_is_room() =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, guest) = await world.PairAsync();
                (target.FailAt, target.Failure) = (3 * Mega, IoStatus.NoSpace);
                var job = await world.MirrorAsync(Arguments(MirrorCopyMode.Background, JobErrorPolicy.Enospc));
                await world.WaitAsync(() => job.Status == JobStatus.Paused);
                Assert.Equal(JobIoStatus.Nospace, job.DescribeBlockJob().IoStatus);
                await WriteAsync(guest, 0, 512, 7);
                target.FailAt = -1;
                job.Resume();
                await world.ReadyAsync(job);
                job.Complete();
                await job.WaitConcludedAsync();
                Assert.Null(job.Error);
                Assert.Equal(source.Bytes, target.Bytes);
            }
        );

    [Fact]
    public void A_target_that_never_answers_holds_up_no_guest_and_no_forced_cancel_for_good() =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, guest) = await world.PairAsync();
                target.Gate = new TaskCompletionSource();
                var job = await world.MirrorAsync(Arguments(MirrorCopyMode.Background, JobErrorPolicy.Report));
                await TurnsAsync(100);
                await WriteAsync(guest, 0, 512, 7);
                Assert.Equal(7, source.Bytes[0]);
                job.Cancel(force: true);
                await TurnsAsync(100);
                await WriteAsync(guest, 1, 512, 8);
                target.Gate.SetResult();
                await job.WaitConcludedAsync();
                Assert.Equal("drive0", guest.Node.Name);
            }
        );

    private static async Task<bool> PlayAsync(
        JobWorld world,
        bool failSource,
        MirrorCopyMode mode,
        JobErrorPolicy policy,
        int number
    )
    {
        var (source, target, guest) = await world.PairAsync(size: 2 * Mega, seed: number);
        source.Bytes.AsSpan(Mega, 300 * Kilo).Clear();
        var shadow = source.Bytes.ToArray();
        if (failSource)
        {
            source.FailRead = number;
        }
        else
        {
            target.FailWrite = number;
        }
        var job = await world.MirrorAsync(Arguments(mode, policy));
        var (over, writes) = (false, 0);
        var scribbling = ScribbleAsync(guest, shadow, number, () => over || writes++ > 200);
        await RunToEndAsync(world, job, () => writes > 100);
        over = true;
        await scribbling;
        var failed = world.Events.Take().Any(static line => line.Contains(" ERROR ", StringComparison.Ordinal));
        Assert.Equal(failed && policy == JobErrorPolicy.Report, job.Error is not null);
        Assert.Equal(shadow, job.Error is null ? target.Bytes : source.Bytes);
        Assert.Equal(job.Error is null ? "target0" : "drive0", guest.Node.Name);
        return !failed;
    }

    private static async Task RunToEndAsync(JobWorld world, MirrorJob job, Func<bool> isTime)
    {
        var isAsked = false;
        while (job.Status is not (JobStatus.Concluded or JobStatus.Null))
        {
            if (job.Status is JobStatus.Paused or JobStatus.Standby && job.IsUserPaused)
            {
                job.Resume();
            }
            if (job.Status == JobStatus.Ready && !isAsked && isTime())
            {
                job.Complete();
                isAsked = true;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(1), world.Graph.Loop.Time);
        }
    }

    private static MirrorArguments Arguments(MirrorCopyMode mode, JobErrorPolicy policy) =>
        new("drive0", "target0", MirrorSync.Full, JobId: "j", CopyMode: mode, OnSourceError: policy, OnTargetError: policy);
}
