using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;
using Tidemark.Jobs.Commit;
using Tidemark.Testing;

namespace Tidemark.Jobs.Tests;

/// <summary>
/// A commit of the image that a guest writes to, on a simulated disk that crashes after the Nth change or fails the Nth request,
/// for every N: whatever the guest was told to be durable is in the image that it uses at that moment, the overlay before it
/// moves and the base afterwards.
/// </summary>
public sealed class ActiveCommitCrashTests
{
    private const string Top = "/disk/top.qcow2";
    private const string Lower = "/disk/base.qcow2";
    private const int Size = 256 << 10;
    private const int Cell = 4096;
    private const int MostRequests = 5000;

    [Theory]
    [InlineData(CrashKind.PowerLoss, 1)]
    [InlineData(CrashKind.PowerLoss, 2)]
    [InlineData(CrashKind.ProcessKill, 3)]
    public void After_a_crash_at_any_point_nothing_durable_is_lost(CrashKind kind, int seed) =>
        ForEachN(seed, (faults, n) => faults.CrashAfter(SimulatedOperation.Changes | SimulatedOperation.Flush, n, kind));

    [Theory]
    [InlineData(Top, 4)]
    [InlineData(Lower, 5)]
    public void After_any_failed_request_nothing_durable_is_lost(string path, int seed) =>
        ForEachN(seed, (faults, n) => faults.Fail(SimulatedOperation.FileRequests, n, IoStatus.IoError, path));

    private static void ForEachN(int seed, Action<FaultPlan, int> arrange)
    {
        LoopTest.ThrowOnBrokenInvariants();
        for (var n = 1; ; n++)
        {
            Assert.True(n < MostRequests, "the story ends");
            var machine = new SimulatedMachine((seed * MostRequests) + n);
            var story = new Story();
            _ = machine.Run(engine => PrepareAsync(engine, story));
            arrange(machine.Faults, n);
            _ = machine.Run(engine => PlayAsync(engine, story));
            var untouched = machine.Faults.Fired == 0;
            machine.Faults.Clear();
            _ = machine.Run(engine => JudgeAsync(engine, story, $"seed {seed}, N = {n}"));
            if (untouched)
            {
                Assert.True(story.HasMoved, "the guest moves in the end");
                return;
            }
        }
    }

    private static async Task PrepareAsync(IoEngine engine, Story story)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var create = graph.Drivers.Require("qcow2").Creation!.CreateFileAsync; // the driver makes images
        await create(graph, Lower, new JsonObject { ["size"] = Size, ["cluster_size"] = Cell });
        await create(
            graph,
            Top,
            new JsonObject
            {
                ["size"] = Size,
                ["cluster_size"] = Cell,
                ["backing_file"] = Lower,
                ["backing_fmt"] = "qcow2",
            }
        );
        foreach (var isTop in (bool[])[false, true])
        {
            var node = isTop ? await OpenAsync(graph) : await OpenLowerAsync(graph, readOnly: false);
            await using (var guest = BlockBackend.Create(node, BlockPermissions.All, BlockPermissions.All))
            {
                await story.WriteAsync(guest, new Random(isTop ? 2 : 1), 20);
                await story.FlushAsync(guest);
            }
            await graph.ReleaseAsync(node);
        }
    }

    private static async Task PlayAsync(IoEngine engine, Story story)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var jobs = new JobRegistry();
        try
        {
            var top = await OpenAsync(graph);
            await using (
                var guest = BlockBackend.Create(
                    top,
                    BlockPermissions.ConsistentRead | BlockPermissions.Write,
                    BlockPermissions.All
                )
            )
            {
                story.Guest = guest;
                await CommitAsync(graph, jobs, guest, story);
                story.HasMoved = guest.Node.Name == "base";
                story.Guest = null;
            }
            await graph.ReleaseAsync(top);
        }
        catch (BlockException)
        {
            // Opening failed, and said so.
        }
        await jobs.CancelAllAsync();
        foreach (var node in graph.Nodes.Reverse().Where(static node => node.Parents.Count == 0).ToArray())
        {
            await graph.ReleaseAsync(node);
        }
    }

    private static async Task CommitAsync(BlockGraph graph, JobRegistry jobs, BlockBackend guest, Story story)
    {
        var random = new Random(3);
        await story.WriteAsync(guest, random, 4);
        Job job;
        try
        {
            var plan = CommitPlan.Check(graph, new CommitArguments("top", JobId: "j"));
            job = await ActiveCommit.CreateAsync(new JobContext(graph, jobs), plan);
        }
        catch (BlockException)
        {
            return;
        }
        job.Start();
        await story.WriteAsync(guest, random, 4);
        await story.FlushAsync(guest);
        while (job.Status is not (JobStatus.Ready or JobStatus.Concluded or JobStatus.Null))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), graph.Loop.Time);
        }
        await story.WriteAsync(guest, random, 4);
        await story.FlushAsync(guest);
        if (job.Status == JobStatus.Ready)
        {
            job.Complete();
        }
        await story.WriteAsync(guest, random, 4);
        await job.WaitConcludedAsync();
        await story.WriteAsync(guest, random, 4);
        await story.FlushAsync(guest);
    }

    private static async Task JudgeAsync(IoEngine engine, Story story, string what)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var hasMoved = story.HasMoved || story.Guest?.Node.Name == "base";
        var node = hasMoved ? await OpenLowerAsync(graph, readOnly: true) : await OpenAsync(graph, readOnly: true);
        List<string> lines = [];
        foreach (var image in graph.Nodes.Select(static found => found.Driver).OfType<IImageChecker>().ToArray())
        {
            var check = await image.CheckAsync(ImageRepair.None, lines.Add);
            Assert.True(check is { Corruptions: 0, CheckErrors: 0 }, $"{what}\n{string.Join('\n', lines)}");
        }
        var bytes = new byte[Size];
        await using (var disk = BlockBackend.Create(node, BlockPermissions.ConsistentRead, BlockPermissions.All))
        {
            Assert.Equal(IoStatus.Ok, await disk.ReadAsync(new ByteRange(0, Size), bytes));
        }
        story.Check(bytes, $"{what}, {(hasMoved ? "moved" : "not moved")}");
        await graph.ReleaseAsync(node);
    }

    private static async Task<BlockNode> OpenLowerAsync(BlockGraph graph, bool readOnly) =>
        await graph.OpenAsync(Describe("base", Lower, readOnly));

    private static async Task<BlockNode> OpenAsync(BlockGraph graph, bool readOnly = false)
    {
        var options = Describe("top", Top, readOnly);
        options["backing"] = Describe("base", Lower, readOnly: true);
        return await graph.OpenAsync(options);
    }

    private static JsonObject Describe(string name, string path, bool readOnly) =>
        new()
        {
            ["driver"] = "qcow2",
            ["node-name"] = name,
            ["read-only"] = readOnly,
            ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = path },
        };

    /// <summary>What a guest wrote, cell by cell, and what it knows to be durable.</summary>
    private sealed class Story
    {
        private readonly List<byte>[] possible = [.. Enumerable.Range(0, Size / Cell).Select(static _ => new List<byte> { 0 })];

        private readonly int[] acknowledged = new int[Size / Cell];

        public BlockBackend? Guest { get; set; }

        public bool HasMoved { get; set; }

        public async Task WriteAsync(BlockBackend guest, Random random, int count)
        {
            for (; count > 0; count--)
            {
                var (cell, value) = (random.Next(Size / Cell), (byte)random.Next(1, 256));
                var data = new byte[Cell];
                data.AsSpan().Fill(value);
                possible[cell].Add(value);
                if (await guest.WriteAsync(new ByteRange(cell * Cell, Cell), data) == IoStatus.Ok)
                {
                    acknowledged[cell] = possible[cell].Count - 1;
                }
            }
        }

        public async Task FlushAsync(BlockBackend guest)
        {
            if (await guest.FlushAsync() != IoStatus.Ok)
            {
                return;
            }
            for (var cell = 0; cell < possible.Length; cell++)
            {
                // What was written after it failed, and may be there or not.
                possible[cell].RemoveRange(0, acknowledged[cell]);
                acknowledged[cell] = 0;
            }
        }

        public void Check(byte[] found, string what)
        {
            for (var at = 0; at < Size; at++)
            {
                Assert.True(possible[at / Cell].Contains(found[at]), $"{what}: byte {at} is {found[at]}");
            }
        }
    }
}
