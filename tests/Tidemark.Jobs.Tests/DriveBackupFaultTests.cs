using Tidemark.Block.Contract;
using Tidemark.Block.Create;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;
using Tidemark.Jobs.Backup;
using Tidemark.Testing;

namespace Tidemark.Jobs.Tests;

// Goal: a drive-backup closes its target, and nobody hears of what fails then. Let the Nth request on it fail, for every N: what
// the job says is a success is the whole disk.
public sealed class DriveBackupFaultTests
{
    private const string Source = "/source";
    private const string Target = "/target";
    private const int Size = 300_032;
    private const int MostRequests = 2000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_success_means_that_all_of_the_target_is_written(bool compress)
    {
        LoopTest.ThrowOnBrokenInvariants();
        var content = new byte[Size];
        new Random(1).NextBytes(content.AsSpan(0, Size / 2));
        var (succeeded, untouched) = (0, false);
        for (var n = 1; !untouched; n++)
        {
            Assert.True(n < MostRequests, "the story ends");
            var machine = new SimulatedMachine(n);
            machine.WriteFile(Source, content);
            _ = machine.Run(CreateTargetAsync);
            machine.Faults.Fail(SimulatedOperation.Changes | SimulatedOperation.Flush, n, IoStatus.NoSpace, Target, times: 2);
            var isWell = false;
            _ = machine.Run(async engine => isWell = await BackUpAsync(engine, compress));
            untouched = machine.Faults.Fired == 0;
            machine.Faults.Clear();
            if (isWell)
            {
                succeeded++;
                _ = machine.Run(async engine => Assert.Equal(content, await ReadAsync(engine)));
            }
        }
        Assert.True(succeeded > 0);
    }

    private static async Task CreateTargetAsync(IoEngine engine)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        await graph
            .Drivers.Require("qcow2")
            .Creation!.CreateFileAsync(graph, Target, new JsonObject { ["size"] = Size, ["cluster_size"] = 4096 }); // it makes images
    }

    private static async Task<bool> BackUpAsync(IoEngine engine, bool compress)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var source = await graph.OpenAsync(
            new JsonObject
            {
                ["driver"] = "raw",
                ["node-name"] = "drive0",
                ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = Source },
            }
        );
        bool isWell;
        try
        {
            var arguments = new DriveBackupArguments(
                "drive0",
                Target,
                BackupSync.Full,
                "qcow2",
                NewImageMode.Existing,
                JobId: "j",
                Compress: compress
            );
            var job = await DriveBackup.Definition.CreateAsync(new JobContext(graph, new JobRegistry()), arguments);
            job.Start();
            await job.WaitConcludedAsync();
            isWell = job.Error is null;
        }
        catch (BlockException)
        {
            // The job was refused, and said so.
            isWell = false;
        }
        await graph.ReleaseAsync(source);
        return isWell;
    }

    private static async Task<byte[]> ReadAsync(IoEngine engine)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var node = await graph.OpenFilenameAsync(Target, "qcow2", new JsonObject { ["read-only"] = true });
        var bytes = new byte[Size];
        await using (var disk = BlockBackend.Create(node, BlockPermissions.ConsistentRead, BlockPermissions.All))
        {
            Assert.Equal(IoStatus.Ok, await disk.ReadAsync(new ByteRange(0, Size), bytes));
        }
        await graph.ReleaseAsync(node);
        return bytes;
    }
}
