using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Json;
using Tidemark.Io.Contract;
using Tidemark.Testing;

namespace Tidemark.Block.Tests;

/// <summary>A graph whose nodes are disks in memory.</summary>
internal sealed class BlockWorld : IAsyncDisposable
{
    private readonly Dictionary<string, ShyDisk> disks = [];
    private readonly List<BlockNode> nodes = [];

    private BlockWorld(IoEngine engine)
    {
        var registry = new DriverRegistry();
        registry.Add(ShyDriver.Define(disks));
        Graph = new BlockGraph(engine, registry);
    }

    public BlockGraph Graph { get; }

    /// <summary>Runs a test on a loop of its own.</summary>
    public static void Run(Func<BlockWorld, Task> body) =>
        LoopTest.Simulate(
            seed: 3,
            async engine =>
            {
                await using var world = new BlockWorld(engine);
                await body(world);
            }
        );

    /// <summary>A node over <paramref name="disk"/>, with options that every node may have.</summary>
    public async Task<BlockNode> AddAsync(string name, ShyDisk disk, params (string Name, JsonValue Value)[] options)
    {
        disks[name] = disk;
        var json = new JsonObject
        {
            ["driver"] = "shy",
            ["node-name"] = name,
            ["disk"] = name,
        };
        foreach (var (option, value) in options)
        {
            json[option] = value;
        }
        var node = await Graph.OpenAsync(json);
        nodes.Add(node);
        return node;
    }

    public static BlockBackend Guest(BlockNode node) =>
        BlockBackend.Create(node, BlockPermissions.ConsistentRead | BlockPermissions.Write, BlockPermissions.All);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await Graph.ReleaseAsync(node);
        }
        await Graph.DisposeAsync();
    }
}
