using Tidemark.Block.Contract;
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

/// <summary>
/// Incremental backups from a qcow2 image with a persistent bitmap, on a simulated disk that crashes after the Nth change or fails
/// the Nth request, for every N: the source has leaks at worst, and where source and copy differ the bitmap says so, or says that
/// it is not to be trusted.
/// </summary>
public sealed class BackupCrashTests
{
    private const string Source = "/disk/source.qcow2";
    private const string Target = "/disk/copy.raw";
    private const int Size = 1 << 20;
    private const int Granularity = 4096;
    private const int MostRequests = 5000;

    public static TheoryData<CrashKind, int> Crashes =>
        [.. from kind in new[] { CrashKind.PowerLoss, CrashKind.ProcessKill } from seed in new[] { 1, 2 } select (kind, seed)];

    [Theory]
    [MemberData(nameof(Crashes))]
    public void After_a_crash_at_any_point_no_difference_is_forgotten(CrashKind kind, int seed) =>
        ForEachN(seed, (faults, n) => faults.CrashAfter(SimulatedOperation.Changes | SimulatedOperation.Flush, n, kind));

    [Theory]
    [InlineData(Source, 3)]
    [InlineData(Target, 4)]
    public void After_any_failed_request_no_difference_is_forgotten(string path, int seed) =>
        ForEachN(seed, (faults, n) => faults.Fail(SimulatedOperation.FileRequests, n, IoStatus.IoError, path));

    private static void ForEachN(int seed, Action<FaultPlan, int> arrange)
    {
        LoopTest.ThrowOnBrokenInvariants();
        var prepared = new SimulatedMachine(seed);
        _ = prepared.Run(PrepareAsync);
        for (var n = 1; ; n++)
        {
            Assert.True(n < MostRequests, "the story ends");
            var machine = new SimulatedMachine((seed * MostRequests) + n);
            foreach (var path in prepared.Files)
            {
                machine.WriteFile(path, prepared.ReadFile(path));
            }
            arrange(machine.Faults, n);
            _ = machine.Run(PlayAsync);
            var untouched = machine.Faults.Fired == 0;
            machine.Faults.Clear();
            _ = machine.Run(engine => JudgeAsync(engine, $"seed {seed}, N = {n}", untouched));
            if (untouched)
            {
                return;
            }
        }
    }

    private static async Task PrepareAsync(IoEngine engine)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var create = graph.Drivers.Require("qcow2").Creation!.CreateFileAsync; // the driver makes images
        await create(graph, Source, new JsonObject { ["size"] = Size, ["cluster_size"] = Granularity });
        await graph.Drivers.Require("raw").Creation!.CreateFileAsync(graph, Target, new JsonObject { ["size"] = Size }); // so does this
        foreach (var path in (string[])[Source, Target])
        {
            var node = await OpenAsync(graph, path);
            await using (var disk = BlockBackend.Create(node, BlockPermissions.All, BlockPermissions.All))
            {
                await WriteAsync(disk, new Random(1), 40);
                Assert.Equal(IoStatus.Ok, await disk.FlushAsync());
            }
            if (path == Source)
            {
                _ = node.Bitmaps.Add("b", Granularity, persistent: true);
            }
            await graph.ReleaseAsync(node);
        }
    }

    /// <summary>What may be interrupted: two increments with writes before, during and after them, then a clean end.</summary>
    private static async Task PlayAsync(IoEngine engine)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var jobs = new JobRegistry();
        try
        {
            var source = await OpenAsync(graph, Source);
            var target = await OpenAsync(graph, Target);
            await using (var guest = BlockBackend.Create(source, BlockPermissions.All, BlockPermissions.All))
            {
                var random = new Random(2);
                for (var round = 0; round < 2; round++)
                {
                    await WriteAsync(guest, random, 15);
                    await BackUpAsync(graph, jobs, source, () => WriteAsync(guest, random, 6));
                }
                await WriteAsync(guest, random, 3);
            }
            // The source first: what its bitmap forgets is not in the target's cache alone.
            await graph.ReleaseAsync(source);
            await graph.ReleaseAsync(target);
        }
        catch (BlockException)
        {
            // Opening failed, and said so.
        }
        foreach (var node in graph.Nodes.Reverse().Where(static node => node.Parents.Count == 0).ToArray())
        {
            await graph.ReleaseAsync(node);
        }
    }

    private static async Task BackUpAsync(BlockGraph graph, JobRegistry jobs, BlockNode source, Func<Task> disturb)
    {
        if (source.Bitmaps.Find("b") is not { IsInconsistent: false, IsReadOnly: false })
        {
            // Marking it in use failed: there is nothing to go by.
            return;
        }
        BackupJob job;
        try
        {
            using (await graph.DrainAllAsync())
            {
                job = await BackupJob.CreateAsync(
                    graph,
                    jobs,
                    new("source", "target", BackupSync.Incremental, JobId: "j", Bitmap: "b", BitmapMode: BitmapSyncMode.OnSuccess)
                );
                job.Start();
            }
        }
        catch (BlockException)
        {
            return;
        }
        await disturb();
        await job.WaitConcludedAsync();
    }

    private static async Task JudgeAsync(IoEngine engine, string what, bool untouched)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var source = await OpenAsync(graph, Source, readOnly: true);
        var target = await OpenAsync(graph, Target, readOnly: true);
        List<string> lines = [];
        var check = await Assert.IsAssignableFrom<IImageChecker>(source.Driver).CheckAsync(ImageRepair.None, lines.Add);
        Assert.True(check is { Corruptions: 0, CheckErrors: 0 }, $"{what}\n{string.Join('\n', lines)}");
        var bitmap = source.Bitmaps.Find("b");
        Assert.NotNull(bitmap);
        Assert.True(!untouched || !bitmap.IsInconsistent, "a clean end leaves a bitmap to go by");
        var (now, copy) = (await ReadAsync(source), await ReadAsync(target));
        for (var at = 0; at < Size && !bitmap.IsInconsistent; at += Granularity)
        {
            Assert.True(
                now.AsSpan(at, Granularity).SequenceEqual(copy.AsSpan(at, Granularity))
                    || bitmap.Content.NextStatus(at, Granularity).Dirty,
                $"{what}: the difference at {at} is forgotten"
            );
        }
        await graph.ReleaseAsync(target);
        await graph.ReleaseAsync(source);
    }

    private static async Task<byte[]> ReadAsync(BlockNode node)
    {
        var bytes = new byte[Size];
        await using var disk = BlockBackend.Create(node, BlockPermissions.ConsistentRead, BlockPermissions.All);
        Assert.Equal(IoStatus.Ok, await disk.ReadAsync(new ByteRange(0, Size), bytes));
        return bytes;
    }

    // A write that fails is the guest's to see; its bits count all the same.
    private static async Task WriteAsync(BlockBackend disk, Random random, int count)
    {
        for (; count > 0; count--)
        {
            var data = new byte[random.Next(1, 12_000)];
            random.NextBytes(data);
            _ = await disk.WriteAsync(new ByteRange(random.Next(Size - data.Length), data.Length), data);
        }
    }

    private static async Task<BlockNode> OpenAsync(BlockGraph graph, string path, bool readOnly = false) =>
        await graph.OpenAsync(
            new JsonObject
            {
                ["driver"] = path == Source ? "qcow2" : "raw",
                ["node-name"] = path == Source ? "source" : "target",
                ["read-only"] = readOnly,
                ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = path },
            }
        );
}
