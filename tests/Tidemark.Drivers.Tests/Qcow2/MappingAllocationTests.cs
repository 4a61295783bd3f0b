using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>Finding out where guest bytes lie, and reading and writing them in place, stays within its allocation budget.</summary>
public sealed class MappingAllocationTests
{
    private const int Cluster = 65536;
    private const int Piece = 4096;
    private const long Far = 600L << 20;

    private static readonly Dictionary<string, Func<Subject, Action>> Operations = new(StringComparer.Ordinal)
    {
        ["qcow2.map.hit"] = static subject => subject.Mapping(Cluster + 512, Piece, ClusterKind.Normal),
        ["qcow2.map.run"] = static subject => subject.Mapping(0, 32 * Cluster, ClusterKind.Normal),
        ["qcow2.map.unallocated"] = static subject => subject.Mapping(Far, 64 * Cluster, ClusterKind.Unallocated),
        ["qcow2.map.miss"] = static subject =>
            () =>
            {
                subject.Image.L2.DropAll();
                var task = subject.Mapper.MapAsync(0, Piece, forWrite: false);
                Assert.True(task.IsCompletedSuccessfully && task.GetAwaiter().GetResult().Status == IoStatus.Ok);
            },
        ["qcow2.read.hit"] = static subject => () => Must(subject.Disk.ReadAsync(new ByteRange(Cluster, Piece), subject.Data)),
        ["qcow2.write.in-place"] = static subject =>
            () => Must(subject.Disk.WriteAsync(new ByteRange(Cluster, Piece), subject.Data)),
    };

    public static TheoryData<string> Names => [.. Operations.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_operation_stays_within_its_budget(string name)
    {
#if DEBUG
        Assert.SkipWhen(name == "qcow2.map.miss", "a debug build allocates the state of every asynchronous method");
#endif
        using var folder = TempFolder.InMemory();
        ImageWorld.Run(async world =>
        {
            var path = folder.File("disk");
            await world.CreateAsync(path, 1L << 30);
            var disk = await world.OpenAsync(path);
            await ImageWorld.FillAsync(disk, 0, 32 * Cluster, 7);
            var subject = new Subject(disk);
            Assert.InRange(AllocationBudget.Measure(Operations[name](subject)), 0, AllocationBudget.Of(name));
        });
    }

    [Fact]
    public void Every_budget_of_qcow2_is_measured() =>
        Assert.All(AllocationBudget.Names("qcow2."), static name => Assert.Contains(name, Operations));

    // Memory is a file system in memory here: nothing waits.
    private static void Must(ValueTask<IoStatus> task) =>
        Assert.True(task.IsCompletedSuccessfully && task.GetAwaiter().GetResult() == IoStatus.Ok);

    private sealed class Subject(BlockBackend disk)
    {
        public BlockBackend Disk => disk;

        public Qcow2Image Image { get; } = ((Qcow2Driver)disk.Node.Driver).Image;

        public ClusterMapper Mapper { get; } = new(((Qcow2Driver)disk.Node.Driver).Image);

        public byte[] Data { get; } = new byte[Piece];

        public Action Mapping(long offset, long length, ClusterKind kind) =>
            () =>
            {
                Assert.True(Mapper.TryMap(offset, length, out var run, out _));
                Assert.True(run.Kind == kind && run.Length == length);
            };
    }
}
