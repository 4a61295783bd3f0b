using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Io.Simulated;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Filters;

/// <summary>A graph on a simulated machine: time jumps, and requests take as long as chance will have it.</summary>
internal sealed class SimulatedWorld(SimulatedEngine engine, BlockGraph graph, Random random)
{
    private readonly TimeSpan start = Elapsed(engine);

    public BlockGraph Graph => graph;

    public Random Random => random;

    /// <summary>Simulated time since the beginning.</summary>
    public TimeSpan Now => Elapsed(engine) - start;

    public static void Run(int seed, Func<SimulatedWorld, Task> body) =>
        LoopTest.Simulate(
            seed,
            async engine =>
            {
                await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
                await body(new SimulatedWorld((SimulatedEngine)engine, graph, new Random(seed)));
                foreach (var node in graph.Nodes.Where(static n => n.IsMonitorOwned).Reverse().ToArray())
                {
                    await graph.RemoveMonitorNodeAsync(node.Name);
                }
            }
        );

    /// <summary>A node that lives until the end.</summary>
    public ValueTask<BlockNode> AddAsync(string json) => graph.AddMonitorNodeAsync((JsonObject)JsonValue.Parse(json));

    /// <summary>Makes a file.</summary>
    public void File(string path, byte[] content) => engine.Machine.WriteFile(path, content);

    /// <summary>Makes a qcow2 image.</summary>
    public ValueTask ImageAsync(string path, long size, string? backing = null, int clusterSize = 4096)
    {
        var options = new JsonObject { ["size"] = size, ["cluster_size"] = clusterSize };
        if (backing is not null)
        {
            options["backing_file"] = backing;
            options["backing_fmt"] = "qcow2";
        }
        return graph.Drivers.Require("qcow2").Creation!.CreateFileAsync(graph, path, options); // qcow2 has creation
    }

    /// <summary>Waits.</summary>
    public ValueTask DelayAsync(double milliseconds) =>
        engine.Loop.DelayAsync(TimeSpan.FromMilliseconds(milliseconds), CancellationToken.None);

    public static BlockBackend Use(
        BlockNode node,
        BlockPermissions required = BlockPermissions.ConsistentRead | BlockPermissions.Write
    ) => BlockBackend.Create(node, required, BlockPermissions.All);

    public static async Task<byte[]> ReadAsync(BlockBackend user, long offset, int length)
    {
        var bytes = new byte[length];
        Assert.Equal(IoStatus.Ok, await user.ReadAsync(new ByteRange(offset, length), bytes));
        return bytes;
    }

    private static TimeSpan Elapsed(SimulatedEngine engine) =>
        engine.Loop.Time.GetElapsedTime(0, engine.Loop.Time.GetTimestamp());
}
