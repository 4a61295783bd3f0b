using BenchmarkDotNet.Attributes;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers;
using Tidemark.Drivers.Qcow2;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Io;
using Tidemark.Io.Contract;
using Tidemark.Io.Loop;

namespace Tidemark.Bench;

/// <summary>Where a guest's bytes lie in a qcow2 image: with the slice of the L2 table in memory, in a run of clusters, and without the slice.</summary>
[MemoryDiagnoser]
public class MappingBenchmarks
{
    private const string Path = "/dev/shm/tidemark-bench.qcow2";
    private const int Cluster = 65536;
    private const int Clusters = 1024;

    private readonly EventLoop loop = new("bench");
    private IoEngine engine = null!; // SetUp makes these.
    private BlockGraph graph = null!;
    private BlockNode node = null!;
    private Qcow2Image image = null!;
    private ClusterMapper mapper = null!;

    [GlobalSetup]
    public void SetUp() =>
        loop.Run(async () =>
        {
            engine = IoEngines.CreateDefault(loop);
            graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            await graph.Drivers.Require("qcow2").Creation!.CreateFileAsync(graph, Path, new() { ["size"] = 1L << 30 }); // qcow2 has creation
            node = await graph.OpenFilenameAsync(Path, "qcow2", []);
            await using var writer = BlockBackend.Create(node, BlockPermissions.All, BlockPermissions.All);
            if (await writer.WriteAsync(new ByteRange(0, Clusters * Cluster), new byte[Clusters * Cluster]) != IoStatus.Ok)
            {
                throw new InvalidOperationException($"{Path} can't be written");
            }
            image = ((Qcow2Driver)node.Driver).Image;
            mapper = new ClusterMapper(image);
        });

    [GlobalCleanup]
    public void CleanUp()
    {
        loop.Run(async () =>
        {
            await graph.ReleaseAsync(node);
            await engine.DisposeAsync();
        });
        loop.Dispose();
        File.Delete(Path);
    }

    /// <summary>4 KiB, slice in memory.</summary>
    [Benchmark]
    public bool Hit() => mapper.TryMap(5 * Cluster, 4096, out _, out _);

    /// <summary>A run of 64 MiB: 1024 clusters that follow one another.</summary>
    [Benchmark]
    public bool Run() => mapper.TryMap(0, Clusters * (long)Cluster, out _, out _);

    /// <summary>4 KiB, the slice must be read from a file in memory.</summary>
    [Benchmark]
    public async ValueTask<bool> Miss()
    {
        image.L2.DropAll();
        return (await mapper.MapAsync(0, 4096, forWrite: false)).Status == IoStatus.Ok;
    }
}
