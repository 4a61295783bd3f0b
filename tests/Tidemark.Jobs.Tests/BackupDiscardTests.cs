using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Jobs.Backup;
using static Tidemark.Jobs.Tests.JobWorld;
using static Tidemark.Jobs.Tests.MirrorWorld;

namespace Tidemark.Jobs.Tests;

// Goal: a backup that discards its source (discard-source) copies all of it first, and gives the room of a fleecing image back.
public sealed class BackupDiscardTests
{
    [Fact]
    public void A_pushed_fleecing_backup_holds_the_past_and_leaves_the_scratch_image_empty()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            Simulate(
                seed,
                async world =>
                {
                    var (disk, scratch, guest) = await FleeceAsync(world, seed);
                    var past = disk.Bytes.ToArray();
                    var shadow = disk.Bytes.ToArray();
                    var over = false;
                    var scribbling = ScribbleAsync(guest, shadow, seed, () => over);
                    // Some of the past is in the scratch image already.
                    await TurnsAsync(seed * 30);
                    var job = await world.RunAsync(Arguments("past"));
                    Assert.Null(job.Error);
                    await TurnsAsync(200);
                    over = true;
                    await scribbling;
                    Assert.Equal(past, world.Disks["target0"].Bytes);
                    Assert.Equal(shadow, disk.Bytes);
                    Assert.Equal(-1, scratch.Bytes.AsSpan().IndexOfAnyExcept((byte)0));
                    var reader = BlockBackend.Create(
                        world.Graph.RequireNode("past"),
                        default,
                        Block.Contract.BlockPermissions.All
                    );
                    Assert.Equal(IoStatus.AccessDenied, await reader.ReadAsync(new ByteRange(0, 512), new byte[512]));
                    await reader.DisposeAsync();
                }
            );
        }
    }

    [Fact]
    public void Without_it_the_past_stays_readable() =>
        Simulate(
            1,
            async world =>
            {
                _ = await FleeceAsync(world, 1);
                var job = await world.RunAsync(Arguments("past") with { DiscardSource = false });
                Assert.Null(job.Error);
                var reader = BlockBackend.Create(world.Graph.RequireNode("past"), default, Block.Contract.BlockPermissions.All);
                Assert.Equal(IoStatus.Ok, await reader.ReadAsync(new ByteRange(0, 512), new byte[512]));
                await reader.DisposeAsync();
            }
        );

    [Fact]
    public void A_source_that_must_not_be_written_to_is_refused() =>
        Simulate(
            1,
            async world =>
            {
                _ = await world.AddAsync("drive0", new RamDisk(Mega), ("read-only", JsonBool.True));
                _ = await world.AddAsync("target0", new RamDisk(Mega));
                var refused = await Assert.ThrowsAsync<BlockException>(async () => await world.StartAsync(Arguments("drive0")));
                Assert.Equal("Could not replace node: Block node is read-only", refused.Message);
                Assert.Equal(2, world.Graph.Nodes.Count);
            }
        );

    [Theory]
    [InlineData(0, 64 * Kilo)]
    [InlineData(4096, 64 * Kilo)]
    [InlineData(512 * Kilo, 512 * Kilo)]
    public void The_least_unit_of_copying_can_be_raised(int least, int length) =>
        Simulate(
            1,
            async world =>
            {
                var (_, target, guest) = await world.PairAsync();
                var job = await world.StartAsync(
                    Arguments("drive0") with
                    {
                        Sync = BackupSync.None,
                        DiscardSource = false,
                        XPerf = new() { MinClusterSize = (ulong)least },
                    }
                );
                await WriteAsync(guest, Mega + 1, 1, 7);
                Assert.Equal(length, job.Progress.Current);
                Assert.Equal(Mega, target.Bytes.AsSpan().IndexOfAnyExcept((byte)0));
                job.Cancel(force: true);
                await job.WaitConcludedAsync();
            }
        );

    [Theory]
    [InlineData(100_000, 0, "Could not create node: min-cluster-size needs to be a power of 2")]
    [InlineData(1 << 27, 0, "Could not create node: min-cluster-size too large: 134217728 > 67108864")]
    [InlineData(1 << 20, 65536, "Required max-chunk (65536) is less than backup cluster size (1048576)")]
    public void A_unit_that_does_not_fit_is_refused(int least, int chunk, string text) =>
        Simulate(
            1,
            async world =>
            {
                _ = await world.PairAsync();
                var wrong = Arguments("drive0") with
                {
                    XPerf = new() { MinClusterSize = (ulong)least, MaxChunk = chunk },
                };
                var refused = await Assert.ThrowsAsync<BlockException>(async () => await world.StartAsync(wrong));
                Assert.Equal(text, refused.Message);
                Assert.Equal(2, world.Graph.Nodes.Count);
            }
        );

    private static BackupArguments Arguments(string source) =>
        new(source, "target0", BackupSync.Full, JobId: "j", DiscardSource: true);

    private static async Task<(RamDisk Disk, RamDisk Scratch, BlockBackend Guest)> FleeceAsync(JobWorld world, int seed)
    {
        var (disk, scratch, target) = (new RamDisk(2 * Mega), new RamDisk(2 * Mega), new RamDisk(2 * Mega));
        new Random(seed).NextBytes(disk.Bytes);
        (disk.LongestWait, disk.Random) = (seed % 7, new Random(seed));
        (target.LongestWait, target.Random) = (seed % 5, new Random(~seed));
        _ = await world.AddAsync("drive0", disk);
        _ = await world.AddAsync("scratch", scratch);
        _ = await world.AddAsync("target0", target);
        var filter = await world.AddJsonAsync(
            "{'driver':'copy-before-write','node-name':'cbw','file':'drive0','target':'scratch','discard':'unmap'}"
        );
        _ = await world.AddJsonAsync("{'driver':'snapshot-access','node-name':'past','file':'cbw','discard':'unmap'}");
        return (disk, scratch, world.Guest(filter));
    }
}
