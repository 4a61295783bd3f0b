using Tidemark.Bitmaps;
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

    // What the closing target could not write is still to be copied, though the bitmap is not a persistent one.
    [Fact]
    public void A_failure_in_mode_always_clears_nothing_that_the_target_may_have_lost()
    {
        LoopTest.ThrowOnBrokenInvariants();
        var content = new byte[Size];
        new Random(1).NextBytes(content);
        var untouched = false;
        for (var n = 1; !untouched; n++)
        {
            Assert.True(n < MostRequests, "the story ends");
            var machine = new SimulatedMachine(n);
            machine.WriteFile(Source, content);
            _ = machine.Run(CreateTargetAsync);
            machine.Faults.Fail(SimulatedOperation.Changes | SimulatedOperation.Flush, n, IoStatus.NoSpace, Target, times: 3);
            List<ByteRange> dirty = [];
            _ = machine.Run(async engine => _ = await BackUpAsync(engine, compress: false, dirty));
            untouched = machine.Faults.Fired == 0;
            machine.Faults.Clear();
            _ = machine.Run(async engine =>
            {
                var copy = await ReadAsync(engine);
                for (var at = 0; at < Size; at += 512)
                {
                    var isSame = content.AsSpan(at, 512).SequenceEqual(copy.AsSpan(at, 512));
                    Assert.True(isSame || dirty.Exists(r => r.Offset <= at && at < r.End), $"N = {n}: {at} is lost");
                }
            });
        }
    }

    private static async Task CreateTargetAsync(IoEngine engine)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        await graph
            .Drivers.Require("qcow2")
            .Creation!.CreateFileAsync(graph, Target, new JsonObject { ["size"] = Size, ["cluster_size"] = 4096 }); // it makes images
    }

    private static async Task<bool> BackUpAsync(IoEngine engine, bool compress, List<ByteRange>? dirty = null)
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
        // One that has nothing yet: only a full backup knows what is to be copied.
        var bitmap = dirty is null ? null : source.Bitmaps.Add("b", 4096);
        dirty?.Add(new ByteRange(0, Size));
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
                Bitmap: bitmap?.Name,
                BitmapMode: bitmap is null ? null : BitmapSyncMode.Always,
                Compress: compress
            );
            var job = await DriveBackup.Definition.CreateAsync(new JobContext(graph, new JobRegistry()), arguments);
            job.Start();
            await job.WaitConcludedAsync();
            isWell = job.Error is null;
            if (bitmap is not null)
            {
                dirty!.Clear(); // both or neither
                dirty.AddRange(DirtyRanges(bitmap.Content));
            }
        }
        catch (BlockException)
        {
            // The job was refused, and said so.
            isWell = false;
        }
        await graph.ReleaseAsync(source);
        return isWell;
    }

    private static IEnumerable<ByteRange> DirtyRanges(HierarchicalBitmap content)
    {
        for (var at = 0L; content.NextDirtyArea(at, content.SizeBytes, long.MaxValue, out var area); at = area.End)
        {
            yield return area;
        }
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
