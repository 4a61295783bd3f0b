using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Jobs.Backup;
using Tidemark.Testing;

namespace Tidemark.Jobs.Tests;

/// <summary>A graph with disks in memory, jobs, and a guest that writes to a disk as an export would.</summary>
internal sealed class JobWorld : IAsyncDisposable
{
    public const int Kilo = 1 << 10;
    public const int Mega = 1 << 20;

    private readonly List<BlockNode> nodes = [];
    private readonly List<BlockBackend> guests = [];

    private JobWorld(IoEngine engine)
    {
        var registry = BuiltinDrivers.CreateRegistry();
        registry.Add(RamDriver.Define(Disks));
        Graph = new BlockGraph(engine, registry);
        Jobs = new JobRegistry { Observer = Events };
    }

    public Dictionary<string, RamDisk> Disks { get; } = [];

    public BlockGraph Graph { get; }

    public JobRegistry Jobs { get; }

    public EventLog Events { get; } = new();

    public static void Run(Func<JobWorld, Task> body) => LoopTest.Run(engine => PlayAsync(engine, body));

    /// <summary>On a simulated machine: waits take no time, and the seed tells all.</summary>
    public static void Simulate(int seed, Func<JobWorld, Task> body) =>
        LoopTest.Simulate(seed, engine => PlayAsync(engine, body));

    private static async Task PlayAsync(IoEngine engine, Func<JobWorld, Task> body)
    {
        await using var world = new JobWorld(engine);
        await body(world);
    }

    public async Task<BlockNode> AddAsync(string name, RamDisk disk, params (string Key, JsonValue Value)[] options)
    {
        Disks[name] = disk;
        var json = new JsonObject
        {
            { "driver", new JsonString("ram") },
            { "node-name", new JsonString(name) },
            { "disk", new JsonString(name) },
            { "discard", new JsonString("unmap") },
        };
        foreach (var (key, value) in options)
        {
            json[key] = value;
        }
        return await AddAsync(json);
    }

    public async Task<BlockNode> AddAsync(JsonObject options)
    {
        var node = await Graph.OpenAsync(options);
        nodes.Add(node);
        return node;
    }

    public async Task<BlockNode> AddJsonAsync(string json) => await AddAsync((JsonObject)JsonValue.Parse(json));

    public BlockBackend Guest(BlockNode node, string device = "")
    {
        var guest = BlockBackend.Create(
            node,
            BlockPermissions.ConsistentRead | BlockPermissions.Write,
            BlockPermissions.All,
            device
        );
        guests.Add(guest);
        return guest;
    }

    /// <summary>A source of random bytes, a guest on it, and an empty target of its size.</summary>
    public async Task<(RamDisk Source, RamDisk Target, BlockBackend Guest)> PairAsync(
        int size = 4 * Mega,
        int seed = 1,
        string source = "drive0",
        string target = "target0"
    )
    {
        var (from, to) = (new RamDisk(size), new RamDisk(size));
        new Random(seed).NextBytes(from.Bytes);
        var node = await AddAsync(source, from);
        _ = await AddAsync(target, to);
        return (from, to, Guest(node));
    }

    public async Task<BackupJob> CreateAsync(BackupArguments arguments) => await BackupJob.CreateAsync(Graph, Jobs, arguments);

    /// <summary>As blockdev-backup does it: a transaction of one.</summary>
    public async Task<BackupJob> StartAsync(BackupArguments arguments)
    {
        using var drained = await Graph.DrainAllAsync();
        var job = await CreateAsync(arguments);
        job.Start();
        return job;
    }

    public async Task<BackupJob> RunAsync(BackupArguments arguments)
    {
        var job = await StartAsync(arguments);
        await job.WaitConcludedAsync();
        return job;
    }

    public static async Task WriteAsync(BlockBackend guest, long offset, int length, byte pattern)
    {
        var data = new byte[length];
        data.AsSpan().Fill(pattern);
        Assert.Equal(IoStatus.Ok, await guest.WriteAsync(new ByteRange(offset, length), data));
    }

    public static async Task TurnsAsync(int turns)
    {
        for (; turns > 0; turns--)
        {
            await Task.Yield();
        }
    }

    /// <summary>Lets the loop run until <paramref name="condition"/> holds.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var turn = 0; !condition(); turn++)
        {
            Assert.True(turn < 1_000_000, "the condition comes true");
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Jobs.CancelAllAsync();
        foreach (var guest in guests)
        {
            await guest.DisposeAsync();
        }
        nodes.Reverse();
        foreach (var node in nodes)
        {
            await Graph.ReleaseAsync(node);
        }
        Assert.Empty(Graph.Nodes);
        await Graph.DisposeAsync();
    }
}
