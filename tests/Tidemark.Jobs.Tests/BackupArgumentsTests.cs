using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Jobs.Backup;
using static Tidemark.Jobs.Tests.JobWorld;

namespace Tidemark.Jobs.Tests;

// Goal: mistakes in arguments are told in the reference's words, the first in its order of checking, and change nothing.
public sealed class BackupArgumentsTests
{
    private static readonly BackupArguments Good = new("drive0", "target0", BackupSync.Full, JobId: "j");

    public static TheoryData<string, BackupArguments> Mistakes =>
        new()
        {
            { "Cannot find device='nope' nor node-name='nope'", Good with { Device = "nope", Target = "no" } },
            { "Cannot find device='no' nor node-name='no'", Good with { Target = "no", Sync = BackupSync.Incremental } },
            {
                "must provide a valid bitmap name for 'incremental' sync mode",
                Good with
                {
                    Sync = BackupSync.Incremental,
                    BitmapMode = BitmapSyncMode.Never,
                }
            },
            { "must provide a valid bitmap name for 'bitmap' sync mode", Good with { Sync = BackupSync.Bitmap } },
            {
                "Bitmap sync mode must be 'on-success' when using sync mode 'incremental'",
                Good with
                {
                    Sync = BackupSync.Incremental,
                    Bitmap = "b",
                    BitmapMode = BitmapSyncMode.Never,
                }
            },
            { "Bitmap 'zz' could not be found", Good with { Bitmap = "zz", Target = "drive0" } },
            { "Bitmap sync mode must be given when providing a bitmap", Good with { Bitmap = "b", Sync = BackupSync.None } },
            { "Cannot specify bitmap sync mode without a bitmap", Good with { BitmapMode = BitmapSyncMode.Always } },
            {
                "Bitmap sync mode 'never' has no meaningful effect when combined with sync mode 'full'",
                Good with
                {
                    Bitmap = "b",
                    BitmapMode = BitmapSyncMode.Never,
                }
            },
            {
                "Bitmap sync mode 'never' has no meaningful effect when combined with sync mode 'top'",
                Good with
                {
                    Sync = BackupSync.Top,
                    Bitmap = "b",
                    BitmapMode = BitmapSyncMode.Never,
                }
            },
            {
                "sync mode 'none' does not produce meaningful bitmap outputs",
                Good with
                {
                    Sync = BackupSync.None,
                    Bitmap = "b",
                    BitmapMode = BitmapSyncMode.Never,
                }
            },
            { "Bitmap 'busy' is currently in use by another operation and cannot be used", Incremental("busy") },
            { "Source and target cannot be the same", Good with { Target = "drive0", XPerf = new(MaxWorkers: 0) } },
            { "Compression is not supported for this drive ", Good with { Compress = true, XPerf = new(MaxWorkers: 0) } },
            { "max-workers must be between 1 and 2147483647", Good with { Target = "small", XPerf = new(MaxWorkers: 0) } },
            { "max-workers must be between 1 and 2147483647", Good with { XPerf = new(MaxWorkers: 1L << 31) } },
            { "max-chunk must be zero (which means no limit) or positive", Good with { XPerf = new(MaxChunk: -1) } },
            { "Source and target image have different sizes", Good with { Target = "small", FilterNodeName = "9" } },
            { "Could not create node: Duplicate nodes with node-name='target0'", Good with { FilterNodeName = "target0" } },
            { "Could not create node: Invalid node-name: '9'", Good with { FilterNodeName = "9", XPerf = new(MaxChunk: 1) } },
            { "Could not create node: Block node is read-only", Good with { Target = "ro", XPerf = new(MaxChunk: 1) } },
            {
                "Required max-chunk (1) is less than backup cluster size (65536)",
                Good with
                {
                    JobId = "9",
                    XPerf = new(MaxChunk: 1),
                }
            },
            { "Invalid job ID ''", Good with { JobId = null, Speed = -1 } },
            { "Invalid job ID '9'", Good with { JobId = "9" } },
            { "Parameter 'speed' expects a non-negative value", Good with { Speed = -1 } },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_refused_and_changes_nothing(string message, BackupArguments arguments) =>
        Run(async world =>
        {
            var (_, _, guest) = await world.PairAsync();
            _ = await world.AddAsync("small", new RamDisk(Mega));
            _ = await world.AddAsync("ro", new RamDisk(4 * Mega), ("read-only", Core.Json.JsonBool.True));
            _ = guest.Node.Bitmaps.Add("b");
            var busy = guest.Node.Bitmaps.Add("busy");
            busy.Lock();
            var error = await Assert.ThrowsAsync<BlockException>(() => world.StartAsync(arguments));
            Assert.Equal(message, error.Message);
            Assert.Empty(world.Jobs.Jobs);
            Assert.Equal(4, world.Graph.Nodes.Count);
            Assert.Equal("drive0", guest.Node.Name);
            Assert.Null(world.Graph.Require("target0").BlockedFrom(BlockOperation.Resize));
            Assert.False(guest.Node.Bitmaps.Find("b")!.IsBusy); // added above
            await WriteAsync(guest, 0, 1, 1);
            busy.Unlock();
        });

    [Fact]
    public void Nodes_of_a_job_are_off_limits() =>
        Run(async world =>
        {
            var (_, _, guest) = await world.PairAsync();
            _ = await world.AddAsync("other", new RamDisk(4 * Mega));
            var job = await world.StartAsync(Good with { Speed = 1 });
            var refused = await Assert.ThrowsAsync<BlockException>(() =>
                world.StartAsync(Good with { Device = "other", JobId = "k" })
            );
            Assert.Equal("Node 'target0' is busy: block device is in use by block job: backup", refused.Message);
            var taken = await Assert.ThrowsAsync<BlockException>(() => world.StartAsync(Good with { Target = "other" }));
            Assert.Equal("Job ID 'j' already in use", taken.Message);
            Assert.NotEqual("drive0", guest.Node.Name);
            job.Cancel(force: true);
            await job.WaitConcludedAsync();
            Assert.Equal("drive0", guest.Node.Name);
            Assert.Null(world.Graph.Require("target0").BlockedFrom(BlockOperation.Resize));
        });

    [Fact]
    public void Resizing_the_source_under_a_job_is_a_conflict() =>
        Run(async world =>
        {
            var (_, _, guest) = await world.PairAsync();
            var job = await world.StartAsync(Good with { Speed = 1, FilterNodeName = "f" });
            var error = Assert.Throws<BlockException>(() =>
                Block.Graph.BlockBackend.Create(
                    world.Graph.Require("drive0"),
                    Block.Contract.BlockPermissions.Resize,
                    Block.Contract.BlockPermissions.All
                )
            );
            Assert.Equal(
                "Permission conflict on node 'drive0': permissions 'resize' are both required by an unnamed block device "
                    + "(uses node 'drive0' as 'root' child) and unshared by node 'f' (uses node 'drive0' as 'file' child).",
                error.Message
            );
            Assert.Equal("f", guest.Node.Name);
            job.Cancel(force: true);
            await job.WaitConcludedAsync();
        });

    [Fact]
    public void The_devices_name_is_the_default_id() =>
        Run(async world =>
        {
            _ = await world.AddAsync("node0", new RamDisk(Mega));
            _ = await world.AddAsync("target0", new RamDisk(Mega));
            _ = world.Guest(world.Graph.Require("node0"), device: "drive0");
            var job = await world.RunAsync(Good with { Device = "node0", JobId = null });
            Assert.Equal("drive0", job.Id);
        });

    private static BackupArguments Incremental(string bitmap) => Good with { Sync = BackupSync.Incremental, Bitmap = bitmap };
}
