using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Jobs.Mirror;
using static Tidemark.Jobs.Tests.JobWorld;
using static Tidemark.Jobs.Tests.MirrorWorld;

namespace Tidemark.Jobs.Tests;

// Goal: one write of a guest, at each moment at which it could slip through between the copy and the bitmap.
public sealed class MirrorGuestTests
{
    [Theory]
    [InlineData(MirrorCopyMode.Background)]
    [InlineData(MirrorCopyMode.WriteBlocking)]
    public void A_write_while_the_old_data_is_on_its_way_comes_after_it(MirrorCopyMode mode) =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, guest) = await world.PairAsync();
                var zeroing = target.Gate = new TaskCompletionSource();
                var job = await world.MirrorAsync(Arguments(mode));
                await UntilAsync(() => target.Writes == 1);
                var gate = target.Gate = new TaskCompletionSource();
                zeroing.SetResult();
                await UntilAsync(() => target.Writes >= 2);
                target.Gate = null;
                var writing = WriteAsync(guest, 0, 512, 7);
                await TurnsAsync(100);
                gate.SetResult();
                await writing;
                await EndAsync(world, job);
                Assert.Equal(source.Bytes, target.Bytes);
            }
        );

    [Theory]
    [InlineData(MirrorCopyMode.Background)]
    [InlineData(MirrorCopyMode.WriteBlocking)]
    public void A_write_of_part_of_a_granule_leaves_the_rest_to_be_copied(MirrorCopyMode mode) =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, guest) = await world.PairAsync();
                var job = await world.MirrorAsync(Arguments(mode) with { Speed = 1 });
                await UntilAsync(() => target.Writes > 1); // zeroed first
                var writes = target.Writes;
                await WriteAsync(guest, (3 * Mega) + 512, 512, 7);
                await WriteAsync(guest, (3 * Mega) + (256 * Kilo) - 512, 1024, 8);
                Assert.Equal(mode == MirrorCopyMode.WriteBlocking ? writes + 2 : writes, target.Writes);
                job.SetSpeed(0);
                await EndAsync(world, job);
                Assert.Equal(source.Bytes, target.Bytes);
            }
        );

    [Theory]
    [InlineData(MirrorCopyMode.Background)]
    [InlineData(MirrorCopyMode.WriteBlocking)]
    public void A_write_while_the_job_looks_what_there_is_to_copy_is_copied(MirrorCopyMode mode) =>
        Simulate(
            1,
            async world =>
            {
                var (lower, from, to) = (
                    new RamDisk(4 * Mega),
                    new RamDisk(4 * Mega) { HasBacking = true },
                    new RamDisk(4 * Mega)
                );
                _ = await world.AddAsync("lower", lower);
                var guest = world.Guest(await world.AddAsync("drive0", from, ("backing", new Core.Json.JsonString("lower"))));
                _ = await world.AddAsync("target0", to);
                from.LongestWait = 50;
                var job = await world.MirrorAsync(Arguments(mode) with { Sync = MirrorSync.Top });
                await TurnsAsync(400);
                Assert.Equal(JobStatus.Running, job.Status);
                await WriteAsync(guest, 0, 512, 7);
                await EndAsync(world, job);
                Assert.Equal(7, to.Bytes[511]);
            }
        );

    [Theory]
    [InlineData(MirrorCopyMode.Background)]
    [InlineData(MirrorCopyMode.WriteBlocking)]
    public void A_write_that_fails_halfway_is_copied_as_far_as_it_went(MirrorCopyMode mode) =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, guest) = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(Arguments(mode));
                (source.FailAt, source.FailsHalfway) = (Mega, true);
                var data = new byte[64 * Kilo];
                data.AsSpan().Fill(7);
                Assert.Equal(IoStatus.IoError, await guest.WriteAsync(new ByteRange(Mega, data.Length), data));
                Assert.Equal(7, source.Bytes[Mega]);
                await EndAsync(world, job);
                Assert.Equal(source.Bytes, target.Bytes);
            }
        );

    private static async Task EndAsync(JobWorld world, MirrorJob job)
    {
        await world.ReadyAsync(job);
        job.CancelBlockJob(force: false);
        await job.WaitConcludedAsync();
        Assert.Null(job.Error);
    }

    private static MirrorArguments Arguments(MirrorCopyMode mode) =>
        new("drive0", "target0", MirrorSync.Full, JobId: "j", CopyMode: mode);
}
