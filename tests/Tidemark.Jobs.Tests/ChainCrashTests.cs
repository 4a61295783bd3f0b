using System.Globalization;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;
using Tidemark.Jobs.Commit;
using Tidemark.Jobs.Stream;
using Tidemark.Testing;

namespace Tidemark.Jobs.Tests;

/// <summary>
/// Streams and commits over a chain of qcow2 images, on a simulated disk that crashes after the Nth change or fails the Nth
/// request, for every N: the chain that the top image names reads the same as ever, and no image has more than leaks.
/// </summary>
public sealed class ChainCrashTests
{
    private const int Size = (1 << 20) + 512;
    private const int Images = 4;
    private const int MostRequests = 5000;

    public static TheoryData<string, CrashKind> Crashes =>
        [
            .. from kind in new[] { CrashKind.PowerLoss, CrashKind.ProcessKill }
            from job in new[] { "stream", "stream to base", "commit" }
            select (job, kind),
        ];

    public static TheoryData<string, int> Failures =>
        [
            .. from image in Enumerable.Range(0, Images)
            from job in new[] { "stream", "stream to base", "commit" }
            select (job, image),
        ];

    [Theory]
    [MemberData(nameof(Crashes))]
    public void After_a_crash_at_any_point_the_chain_reads_the_same(string job, CrashKind kind) =>
        ForEachN(job, (faults, n) => faults.CrashAfter(SimulatedOperation.Changes | SimulatedOperation.Flush, n, kind));

    [Theory]
    [MemberData(nameof(Failures))]
    public void After_any_failed_request_the_chain_reads_the_same(string job, int image) =>
        ForEachN(job, (faults, n) => faults.Fail(SimulatedOperation.FileRequests, n, IoStatus.IoError, PathOf(image)));

    // What could not be flushed for the job can't be flushed either when its image is to be read-only again.
    [Theory]
    [MemberData(nameof(Failures))]
    public void After_requests_that_fail_again_and_again_the_chain_reads_the_same(string job, int image) =>
        ForEachN(
            job,
            (faults, n) =>
                faults.Fail(SimulatedOperation.Changes | SimulatedOperation.Flush, n, IoStatus.NoSpace, PathOf(image), 3)
        );

    private static void ForEachN(string job, Action<FaultPlan, int> arrange)
    {
        LoopTest.ThrowOnBrokenInvariants();
        var prepared = new SimulatedMachine(1);
        byte[] content = [];
        _ = prepared.Run(async engine => content = await PrepareAsync(engine));
        for (var n = 1; ; n++)
        {
            Assert.True(n < MostRequests, "the story ends");
            var machine = new SimulatedMachine(MostRequests + n);
            foreach (var path in prepared.Files)
            {
                machine.WriteFile(path, prepared.ReadFile(path));
            }
            arrange(machine.Faults, n);
            _ = machine.Run(engine => PlayAsync(engine, job, content));
            var untouched = machine.Faults.Fired == 0;
            machine.Faults.Clear();
            _ = machine.Run(engine => JudgeAsync(engine, $"{job}, N = {n}", content, untouched ? job : null));
            if (untouched)
            {
                return;
            }
        }
    }

    private static async Task<byte[]> PrepareAsync(IoEngine engine)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var random = new Random(1);
        for (var image = 0; image < Images; image++)
        {
            var options = new JsonObject { ["size"] = Size, ["cluster_size"] = 4096 << (image % 3) };
            if (image > 0)
            {
                options["backing_file"] = PathOf(image - 1);
                options["backing_fmt"] = "qcow2";
            }
            await graph.Drivers.Require("qcow2").Creation!.CreateFileAsync(graph, PathOf(image), options); // the driver makes images
            var node = await OpenAsync(graph, image);
            await using (var disk = BlockBackend.Create(node, BlockPermissions.All, BlockPermissions.All))
            {
                for (var i = 0; i < 8; i++)
                {
                    var data = new byte[random.Next(1, 60_000)];
                    random.NextBytes(data);
                    var range = new ByteRange(random.Next(Size - data.Length), data.Length);
                    Assert.Equal(
                        IoStatus.Ok,
                        i % 4 == 3 ? await disk.WriteZeroesAsync(range) : await disk.WriteAsync(range, data)
                    );
                }
                Assert.Equal(IoStatus.Ok, await disk.FlushAsync());
            }
            await graph.ReleaseAsync(node);
        }
        var top = await OpenAsync(graph, Images - 1);
        var content = await ReadAsync(top);
        await graph.ReleaseAsync(top);
        return content;
    }

    /// <summary>What may be interrupted: the job, from opening the chain to closing it.</summary>
    private static async Task PlayAsync(IoEngine engine, string kind, byte[] content)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        BlockNode top;
        try
        {
            top = await OpenAsync(graph, Images - 1);
        }
        catch (BlockException)
        {
            return;
        }
        try
        {
            var context = new JobContext(graph, new JobRegistry());
            BlockJob job = kind switch
            {
                "stream" => await StreamJob.CreateAsync(context, new("top", "j")),
                "stream to base" => await StreamJob.CreateAsync(context, new("top", "j", Base: PathOf(0))),
                _ => await CommitJob.CreateAsync(
                    context,
                    CommitPlan.Check(graph, new("top", "j", Top: PathOf(Images - 2), Base: PathOf(0)))
                ),
            };
            job.Start();
            await job.WaitConcludedAsync();
        }
        catch (BlockException)
        {
            // The job was refused, and said so.
        }
        // Whatever became of it, whoever has the image open reads what he always did; unless it is this that fails.
        var bytes = new byte[Size];
        await using (var disk = BlockBackend.Create(top, BlockPermissions.ConsistentRead, BlockPermissions.All))
        {
            if (await disk.ReadAsync(new ByteRange(0, Size), bytes) == IoStatus.Ok)
            {
                Assert.Equal(content, bytes);
            }
        }
        await graph.ReleaseAsync(top);
        Assert.Empty(graph.Nodes);
    }

    private static async Task JudgeAsync(IoEngine engine, string what, byte[] content, string? finished)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var top = await OpenAsync(graph, Images - 1, readOnly: true);
        var found = await ReadAsync(top);
        Assert.True(content.AsSpan().SequenceEqual(found), $"{what}: the chain reads otherwise");
        for (var node = top; node is not null; node = node.NextInChain)
        {
            List<string> lines = [];
            var check = await Assert.IsAssignableFrom<IImageChecker>(node.Driver).CheckAsync(ImageRepair.None, lines.Add);
            Assert.True(check is { Corruptions: 0, CheckErrors: 0 }, $"{what}\n{string.Join('\n', lines)}");
            Assert.True(finished is null || check.Leaks == 0, $"{what}: leaks");
        }
        if (finished is not null)
        {
            var expected = finished == "stream" ? null : PathOf(0);
            Assert.Equal(expected, Assert.IsAssignableFrom<IBackingFileDriver>(top.Driver).BackingFileName);
        }
        await graph.ReleaseAsync(top);
    }

    private static async Task<byte[]> ReadAsync(BlockNode node)
    {
        var bytes = new byte[Size];
        await using var disk = BlockBackend.Create(node, BlockPermissions.ConsistentRead, BlockPermissions.All);
        Assert.Equal(IoStatus.Ok, await disk.ReadAsync(new ByteRange(0, Size), bytes));
        return bytes;
    }

    private static string PathOf(int image) => string.Create(CultureInfo.InvariantCulture, $"/disk/{image}.qcow2");

    private static async Task<BlockNode> OpenAsync(BlockGraph graph, int image, bool readOnly = false) =>
        await graph.OpenAsync(
            new JsonObject
            {
                ["driver"] = "qcow2",
                ["node-name"] = "top",
                ["read-only"] = readOnly,
                ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = PathOf(image) },
            }
        );
}
