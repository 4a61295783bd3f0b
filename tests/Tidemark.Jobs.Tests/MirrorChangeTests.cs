using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Jobs.Mirror;
using static Tidemark.Jobs.Tests.JobWorld;
using static Tidemark.Jobs.Tests.MirrorWorld;

namespace Tidemark.Jobs.Tests;

// Goal: a mirror whose copy mode changes under its guests' hands (block-job-change) loses nothing of what they write.
public sealed class MirrorChangeTests
{
    [Theory]
    [InlineData(MirrorSync.Full)]
    [InlineData(MirrorSync.Top)]
    public void A_change_at_any_moment_loses_no_write(MirrorSync sync)
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            Simulate(
                seed,
                async world =>
                {
                    var (source, target, guest) = await world.UnsteadyPairAsync(seed);
                    var shadow = source.Bytes.ToArray();
                    var over = false;
                    var scribbling = ScribbleAsync(guest, shadow, seed, () => over);
                    var job = await world.MirrorAsync(Arguments(MirrorCopyMode.Background, sync));
                    await TurnsAsync(new Random(seed).Next(2000));
                    await job.ChangeAsync(MirrorCopyMode.WriteBlocking);
                    await world.ReadyAsync(job);
                    await TurnsAsync(seed * 20);
                    over = true;
                    await scribbling;
                    await world.WaitAsync(() => job.IsActivelySynced);
                    Assert.Equal(shadow, source.Bytes);
                    Assert.Equal(shadow, target.Bytes);
                    job.Complete();
                    await job.WaitConcludedAsync();
                    Assert.Null(job.Error);
                    Assert.Equal("target0", guest.Node.Name);
                    AssertTidy(world);
                }
            );
        }
    }

    [Fact]
    public void What_is_written_afterwards_is_on_both_sides_when_it_is_acknowledged() =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, guest) = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(Arguments(MirrorCopyMode.Background, MirrorSync.Full));
                Assert.False(job.DescribeBlockJob().IsActivelySynced);
                await job.ChangeAsync(MirrorCopyMode.WriteBlocking);
                await world.WaitAsync(() => job.IsActivelySynced);
                await WriteAsync(guest, 12_345, 100_000, 7);
                Assert.Equal(source.Bytes, target.Bytes);
                Assert.True(job.DescribeBlockJob().IsActivelySynced);
            }
        );

    [Fact]
    public void One_that_a_user_paused_changes_and_stays_paused() =>
        Simulate(
            1,
            async world =>
            {
                _ = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(Arguments(MirrorCopyMode.Background, MirrorSync.Full));
                job.Pause();
                await world.WaitAsync(() => job.Status == JobStatus.Standby);
                _ = world.Events.Take();
                await job.ChangeAsync(MirrorCopyMode.WriteBlocking);
                Assert.Empty(world.Events.Take());
                Assert.Equal(JobStatus.Standby, job.Status);
                job.Resume();
                job.CancelBlockJob(force: false);
                await job.WaitConcludedAsync();
                AssertTidy(world);
            }
        );

    [Fact]
    public void Nobody_may_write_past_it_then_and_who_does_stops_the_change() =>
        Simulate(
            1,
            async world =>
            {
                var (_, target, _) = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(Arguments(MirrorCopyMode.Background, MirrorSync.Full));
                var source = world.Graph.RequireNode("drive0");
                var past = BlockBackend.Create(source, BlockPermissions.Write, BlockPermissions.All);
                var refused = await Assert.ThrowsAsync<BlockException>(async () =>
                    await job.ChangeAsync(MirrorCopyMode.WriteBlocking)
                );
                Assert.Contains("Permission conflict on node 'drive0'", refused.Message, StringComparison.Ordinal);
                await WriteAsync(past, 5, 1, 7);
                await world.WaitAsync(() => target.Bytes[5] == 7);
                await past.DisposeAsync();
                await job.ChangeAsync(MirrorCopyMode.WriteBlocking);
                _ = Assert.Throws<BlockException>(() =>
                    BlockBackend.Create(source, BlockPermissions.Write, BlockPermissions.All)
                );
                job.CancelBlockJob(force: true);
                await job.WaitConcludedAsync();
                AssertTidy(world);
            }
        );

    [Fact]
    public void There_is_no_way_back_and_no_way_at_all_for_one_that_is_over() =>
        Simulate(
            1,
            async world =>
            {
                _ = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(
                    Arguments(MirrorCopyMode.WriteBlocking, MirrorSync.Full) with
                    {
                        AutoFinalize = false,
                    }
                );
                await job.ChangeAsync(MirrorCopyMode.WriteBlocking);
                Assert.Equal(
                    "Change to copy mode 'background' is not implemented",
                    await RefusedAsync(MirrorCopyMode.Background)
                );
                Assert.Equal("Job 'j' is of type 'mirror'", await RefusedAsync(null));
                job.Complete();
                await world.WaitAsync(() => job.Status == JobStatus.Pending);
                Assert.Equal(
                    "Job 'j' in state 'pending' cannot accept command verb 'change'",
                    await RefusedAsync(MirrorCopyMode.WriteBlocking)
                );
                await job.FinalizeAsync();

                async Task<string> RefusedAsync(MirrorCopyMode? mode) =>
                    (await Assert.ThrowsAsync<BlockException>(async () => await job.ChangeAsync(mode))).Message;
            }
        );

    [Fact]
    public void Other_jobs_have_nothing_to_change() =>
        Simulate(
            1,
            async world =>
            {
                _ = await world.PairAsync();
                var job = await world.StartAsync(new("drive0", "target0", Backup.BackupSync.None, JobId: "j"));
                var refused = await Assert.ThrowsAsync<BlockException>(async () =>
                    await job.ChangeAsync(MirrorCopyMode.WriteBlocking)
                );
                Assert.Equal("Job type does not support change", refused.Message);
                Assert.Null(job.DescribeBlockJob().IsActivelySynced);
                job.Cancel(force: true);
                await job.WaitConcludedAsync();
            }
        );
}
