using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Jobs.Mirror;
using static Tidemark.Jobs.Tests.JobWorld;
using static Tidemark.Jobs.Tests.MirrorWorld;

namespace Tidemark.Jobs.Tests;

// Goal: whatever guests write and whenever a mirror ends, no acknowledged write is lost, and nobody who uses the source notices.
public sealed class MirrorTests
{
    public static TheoryData<MirrorCopyMode, MirrorSync> Ways =>
        new()
        {
            { MirrorCopyMode.Background, MirrorSync.Full },
            { MirrorCopyMode.Background, MirrorSync.Top },
            { MirrorCopyMode.WriteBlocking, MirrorSync.Full },
            { MirrorCopyMode.WriteBlocking, MirrorSync.Top },
        };

    [Theory]
    [MemberData(nameof(Ways))]
    public void After_completion_guests_find_every_write_on_the_target(MirrorCopyMode mode, MirrorSync sync)
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            Simulate(seed, world => CompleteUnderWritesAsync(world, seed, mode, sync));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_cancel_of_a_ready_job_leaves_a_copy_of_that_moment(MirrorCopyMode mode, MirrorSync sync)
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            Simulate(
                seed,
                async world =>
                {
                    var (source, target, guest) = await world.UnsteadyPairAsync(seed);
                    var shadow = source.Bytes.ToArray();
                    var job = await world.MirrorAsync(Arguments(mode, sync));
                    var writes = 0;
                    var scribbling = ScribbleAsync(guest, shadow, seed, () => writes++ > 500 && job.Status == JobStatus.Ready);
                    await scribbling;
                    job.CancelBlockJob(force: false);
                    await job.WaitConcludedAsync();
                    Assert.Null(job.Error);
                    Assert.Equal(shadow, target.Bytes);
                    Assert.Equal(shadow, source.Bytes);
                    Assert.Equal("drive0", guest.Node.Name);
                    AssertTidy(world);
                }
            );
        }
    }

    // Time stands still while a job asks again and again: then nobody would ever let go.
    [Fact]
    public void A_mirror_lets_those_who_hold_another_disk_finish_before_it_ends() =>
        Simulate(
            1,
            async world =>
            {
                var (_, _, guest) = await world.UnsteadyPairAsync(1);
                var other = await world.AddAsync("other", new RamDisk(64 * Kilo));
                var job = await world.MirrorUntilReadyAsync(Arguments(MirrorCopyMode.Background, MirrorSync.Full));
                var section = await world.Graph.DrainAsync(other);
                job.Complete();
                await Task.Delay(TimeSpan.FromSeconds(1), world.Graph.Loop.Time);
                Assert.Equal(JobStatus.Ready, job.Status);
                section.Dispose();
                await job.WaitConcludedAsync();
                Assert.Null(job.Error);
                Assert.Equal("target0", guest.Node.Name);
            }
        );

    [Theory]
    [InlineData(MirrorCopyMode.Background)]
    [InlineData(MirrorCopyMode.WriteBlocking)]
    public void A_forced_cancel_at_any_moment_leaves_the_source_alone(MirrorCopyMode mode)
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            Simulate(
                seed,
                async world =>
                {
                    var (source, _, guest) = await world.UnsteadyPairAsync(seed);
                    var shadow = source.Bytes.ToArray();
                    var job = await world.MirrorAsync(Arguments(mode, MirrorSync.Full));
                    var over = false;
                    var scribbling = ScribbleAsync(guest, shadow, seed, () => over);
                    await TurnsAsync(new Random(seed).Next(3000));
                    if (job.Status == JobStatus.Ready && seed % 2 == 0)
                    {
                        job.Complete();
                        await TurnsAsync(seed);
                    }
                    if (JobTransitions.Accepts(job.Status, JobVerb.Cancel))
                    {
                        job.GiveUp();
                    }
                    await job.WaitConcludedAsync();
                    over = true;
                    await scribbling;
                    Assert.Equal(shadow, job.Error is null ? world.Disks["target0"].Bytes : source.Bytes);
                    Assert.Equal(job.Error is null ? "target0" : "drive0", guest.Node.Name);
                    AssertTidy(world);
                }
            );
        }
    }

    [Fact]
    public void Events_come_in_the_references_order() =>
        Simulate(
            1,
            async world =>
            {
                _ = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(Arguments(MirrorCopyMode.Background, MirrorSync.Full));
                Assert.Equal(["j created", "j running", "j ready", "BLOCK_JOB_READY"], world.Events.Take());
                job.Pause();
                await world.WaitAsync(() => job.Status == JobStatus.Standby);
                job.Complete();
                job.Resume();
                await job.WaitConcludedAsync();
                Assert.Equal(
                    ["j standby", "j ready", "j waiting", "j pending", "j COMPLETED 4194304 4194304 0", "j concluded", "j null"],
                    world.Events.Take()
                );
            }
        );

    [Fact]
    public void Its_length_grows_by_what_guests_write_and_its_offset_never_falls() =>
        Simulate(
            1,
            async world =>
            {
                var (_, _, guest) = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(Arguments(MirrorCopyMode.Background, MirrorSync.Full));
                Assert.Equal(new JobProgress(4 * Mega, 4 * Mega), job.Progress);
                await WriteAsync(guest, Mega - 1, 2, 7);
                await world.WaitAsync(() => job.Progress.Current > 4 * Mega);
                Assert.Equal(new JobProgress((4 * Mega) + (128 * Kilo), (4 * Mega) + (128 * Kilo)), job.Progress);
            }
        );

    [Fact]
    public void With_write_blocking_an_acknowledged_write_is_on_both_sides() =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, guest) = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(Arguments(MirrorCopyMode.WriteBlocking, MirrorSync.Full));
                var random = new Random(3);
                for (var i = 0; i < 200; i++)
                {
                    var length = random.Next(1, 200_000);
                    var range = new ByteRange(random.Next((4 * Mega) - length), length);
                    var data = new byte[length];
                    random.NextBytes(data);
                    _ =
                        i % 5 == 0 ? await guest.WriteZeroesAsync(range)
                        : i % 7 == 0 ? await guest.DiscardAsync(range)
                        : await guest.WriteAsync(range, data);
                    Assert.Equal(source.Bytes, target.Bytes);
                    Assert.True(job.IsActivelySynced);
                }
            }
        );

    [Theory]
    [InlineData(MirrorCopyMode.Background)]
    [InlineData(MirrorCopyMode.WriteBlocking)]
    public void A_target_that_gets_only_new_writes_gets_whole_clusters(MirrorCopyMode mode) =>
        Simulate(
            1,
            async world =>
            {
                var (from, to) = (new RamDisk(4 * Mega), new RamDisk(4 * Mega, clusterSize: 256 * Kilo));
                new Random(1).NextBytes(from.Bytes);
                var guest = world.Guest(await world.AddAsync("drive0", from));
                _ = await world.AddAsync("target0", to);
                var job = await world.MirrorUntilReadyAsync(Arguments(mode, MirrorSync.None));
                Assert.Equal(0, to.Writes);
                await WriteAsync(guest, Mega + 5, 10, 7);
                job.CancelBlockJob(force: false);
                await job.WaitConcludedAsync();
                var cluster = new ByteRange(Mega, 256 * Kilo);
                Assert.Equal(from.Bytes[Mega..(int)cluster.End], to.Bytes[Mega..(int)cluster.End]);
                Assert.Equal(-1, to.Bytes.AsSpan(0, Mega).IndexOfAnyExcept((byte)0));
            }
        );

    [Fact]
    public void Of_a_chain_only_the_top_image_is_copied() =>
        Simulate(
            1,
            async world =>
            {
                var (lower, from, to) = (new RamDisk(Mega), new RamDisk(Mega) { HasBacking = true }, new RamDisk(Mega));
                new Random(1).NextBytes(lower.Bytes);
                _ = await world.AddAsync("lower", lower);
                var guest = world.Guest(await world.AddAsync("drive0", from, ("backing", new Core.Json.JsonString("lower"))));
                _ = await world.AddAsync("target0", to);
                await WriteAsync(guest, 128 * Kilo, 64 * Kilo, 7);
                var job = await world.MirrorUntilReadyAsync(Arguments(MirrorCopyMode.Background, MirrorSync.Top));
                Assert.Equal(new JobProgress(64 * Kilo, 64 * Kilo), job.Progress);
                Assert.Equal(128 * Kilo, to.Bytes.AsSpan().IndexOfAnyExcept((byte)0));
                Assert.Equal(192 * Kilo, to.Bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1);
            }
        );

    [Theory]
    [InlineData(MirrorCopyMode.Background, true)]
    [InlineData(MirrorCopyMode.Background, false)]
    [InlineData(MirrorCopyMode.WriteBlocking, true)]
    [InlineData(MirrorCopyMode.WriteBlocking, false)]
    public void Guests_go_on_while_a_finished_job_waits_to_be_finalized(MirrorCopyMode mode, bool completes) =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, guest) = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(Arguments(mode, MirrorSync.Full) with { AutoFinalize = false });
                if (completes)
                {
                    job.Complete();
                }
                else
                {
                    job.CancelBlockJob(force: false);
                }
                await world.WaitAsync(() => job.Status == JobStatus.Pending);
                await WriteAsync(guest, 0, 512, 7);
                Assert.Equal(7, source.Bytes[0]);
                await job.FinalizeAsync();
                Assert.Null(job.Error);
                Assert.Equal(source.Bytes, target.Bytes);
                await WriteAsync(guest, 0, 512, 8);
                Assert.Equal((completes ? 7 : 8, completes ? 8 : 7), (source.Bytes[0], target.Bytes[0]));
                AssertTidy(world);
            }
        );

    [Fact]
    public void What_cannot_be_copied_in_the_last_step_fails_the_job() =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, guest) = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(
                    Arguments(MirrorCopyMode.Background, MirrorSync.Full) with
                    {
                        AutoFinalize = false,
                    }
                );
                job.Complete();
                await world.WaitAsync(() => job.Status == JobStatus.Pending);
                target.FailAt = 0;
                await WriteAsync(guest, 0, 512, 7);
                await job.FinalizeAsync();
                Assert.Equal("Input/output error", job.Error?.Text);
                Assert.Equal("drive0", guest.Node.Name);
                Assert.Equal(7, source.Bytes[0]);
                AssertTidy(world);
            }
        );

    [Fact]
    public void Users_that_cannot_share_the_target_stay_with_the_source() =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, guest) = await world.PairAsync();
                await using var jealous = BlockBackend.Create(
                    world.Graph.RequireNode("target0"),
                    BlockPermissions.None,
                    BlockPermissions.All & ~BlockPermissions.ConsistentRead
                );
                var job = await world.MirrorUntilReadyAsync(Arguments(MirrorCopyMode.Background, MirrorSync.Full));
                job.Complete();
                await job.WaitConcludedAsync();
                Assert.StartsWith("Permission conflict on node 'target0'", job.Error?.Text, StringComparison.Ordinal);
                Assert.Equal("drive0", guest.Node.Name);
                await WriteAsync(guest, 0, 1, 7);
                Assert.Equal(7, source.Bytes[0]);
                AssertTidy(world);
            }
        );

    [Fact]
    public void Nobody_writes_past_the_filter_of_a_job_that_follows_guests() =>
        Simulate(
            1,
            async world =>
            {
                _ = await world.PairAsync();
                _ = await world.MirrorUntilReadyAsync(Arguments(MirrorCopyMode.WriteBlocking, MirrorSync.Full));
                var error = Assert.Throws<BlockException>(() => world.Guest(world.Graph.RequireNode("drive0")));
                Assert.StartsWith("Permission conflict on node 'drive0'", error.Message, StringComparison.Ordinal);
            }
        );

    [Fact]
    public void Whoever_writes_past_the_filter_in_the_background_mode_is_followed_too() =>
        Simulate(
            1,
            async world =>
            {
                var (source, target, _) = await world.PairAsync();
                var job = await world.MirrorUntilReadyAsync(Arguments(MirrorCopyMode.Background, MirrorSync.Full));
                var direct = world.Guest(world.Graph.RequireNode("drive0"));
                await WriteAsync(direct, 5, 1, 7);
                await world.WaitAsync(() => target.Bytes[5] == 7);
                await WriteAsync(direct, 6, 1, 8);
                job.Complete();
                await job.WaitConcludedAsync();
                Assert.Equal(source.Bytes, target.Bytes);
                Assert.Equal("target0", direct.Node.Name);
            }
        );

    private static async Task CompleteUnderWritesAsync(JobWorld world, int seed, MirrorCopyMode mode, MirrorSync sync)
    {
        var (source, target, guest) = await world.UnsteadyPairAsync(seed);
        var shadow = source.Bytes.ToArray();
        var over = false;
        var scribbling = ScribbleAsync(guest, shadow, seed, () => over);
        var job = await world.MirrorAsync(Arguments(mode, sync));
        if (seed % 3 == 0)
        {
            await DisturbAsync(world, job, seed);
        }
        await world.ReadyAsync(job);
        await TurnsAsync(seed * 50);
        job.Complete();
        await job.WaitConcludedAsync();
        Assert.Null(job.Error);
        var frozen = source.Bytes.ToArray();
        await TurnsAsync(100);
        over = true;
        await scribbling;
        Assert.Equal(shadow, target.Bytes);
        Assert.Equal(frozen, source.Bytes);
        Assert.Equal("target0", guest.Node.Name);
        AssertTidy(world);
    }

    // Pauses and drained sections come and go.
    private static async Task DisturbAsync(JobWorld world, MirrorJob job, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 10 && job.Status is not JobStatus.Ready; i++)
        {
            await TurnsAsync(random.Next(100));
            if (random.Next(2) == 0)
            {
                using var drained = await world.Graph.DrainAllAsync();
                await TurnsAsync(random.Next(50));
            }
            else if (!job.IsUserPaused && JobTransitions.Accepts(job.Status, JobVerb.Pause))
            {
                job.Pause();
                await TurnsAsync(random.Next(50));
                job.Resume();
            }
        }
    }
}
