using System.Buffers.Binary;
using System.Diagnostics;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Check;

namespace Tidemark.Drivers.Tests.Qcow2.Check;

/// <summary>Images that mean harm: a check of them ends in bounded time and memory, whatever they claim.</summary>
public sealed class HostileCheckTests
{
    private const int ClusterBits = 16;
    private const long Cluster = 1 << ClusterBits;
    private const long HugeFile = 1L << 55;
    private const long L1 = 1 << 20;
    private const long RefcountTable = 1L << 30;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(60);

    public static TheoryData<ImageRepair> Repairs => [ImageRepair.None, ImageRepair.Leaks | ImageRepair.Errors];

    [Theory]
    [MemberData(nameof(Repairs))]
    public async Task References_scattered_over_a_huge_file_cost_what_there_is(ImageRepair repair)
    {
        var storage = new SparseCheckStorage(HugeFile);
        var random = new Random(8);
        for (var i = 0; i < 8; i++)
        {
            await PutAsync(storage, L1 + (8 * i), (1ul << 63) | (ulong)((64 + i) * Cluster));
            await FillTableAsync(storage, (64 + i) * Cluster, () => (ulong)random.NextInt64(HugeFile / Cluster) << ClusterBits);
        }
        var result = await CheckAsync(storage, repair, l1Entries: 8, tableClusters: 1);
        Assert.True(result is null || result.Corruptions > 8 * 8192 - 100);
    }

    [Fact]
    public async Task Refcount_blocks_all_over_a_huge_file_are_skipped_where_they_are_empty()
    {
        var storage = new SparseCheckStorage(HugeFile);
        for (var i = 0; i < 8; i++)
        {
            var at = i;
            var entry = 0;
            await FillTableAsync(
                storage,
                RefcountTable + (at * Cluster),
                () => (ulong)(((1L << 35) + (at * 8192L) + entry++) * Cluster)
            );
        }
        var result = await CheckAsync(storage, ImageRepair.None, l1Entries: 0, tableClusters: 8);
        Assert.NotNull(result);
    }

    [Fact]
    public async Task Unreadable_refcount_blocks_do_not_flood_the_report()
    {
        var storage = new SparseCheckStorage(HugeFile);
        for (var i = 0; i < 16; i++)
        {
            await FillTableAsync(storage, RefcountTable + (i * Cluster), static () => 0x200);
        }
        var result = await CheckAsync(storage, ImageRepair.None, l1Entries: 0, tableClusters: 16);
        Assert.True(result is { CheckErrors: > 1_000_000_000 });
    }

    [Fact]
    public async Task A_table_of_garbage_named_a_million_times_is_walked_a_few_times()
    {
        var storage = new SparseCheckStorage(1L << 30);
        await FillTableAsync(storage, 64 * Cluster, static () => 0x1111_1111_1111_1111);
        for (var i = 0; i < 128; i++)
        {
            await FillTableAsync(storage, L1 + (2 << 20) + (i * Cluster), static () => (ulong)(64 * Cluster));
        }
        var result = await CheckAsync(storage, ImageRepair.None, l1Entries: 1 << 20, tableClusters: 1, l1: L1 + (2 << 20));
        Assert.True(result is { Corruptions: > 1_000_000 });
    }

    [Fact]
    public async Task Snapshots_with_names_and_tables_of_any_size_are_refused_or_counted()
    {
        var random = new Random(9);
        for (var round = 0; round < 200; round++)
        {
            var storage = new SparseCheckStorage(1L << 40);
            var bytes = new byte[4096];
            random.NextBytes(bytes);
            for (var i = 0; i < bytes.Length; i++)
            {
                // Mostly zeroes, or no entry would come through.
                bytes[i] = random.Next(4) == 0 ? bytes[i] : (byte)0;
            }
            _ = await storage.WriteAsync(128 * Cluster, bytes);
            _ = await CheckAsync(storage, ImageRepair.None, 0, 1, snapshots: 20);
        }
    }

    private static async Task<ImageCheckResult?> CheckAsync(
        SparseCheckStorage storage,
        ImageRepair repair,
        int l1Entries,
        int tableClusters,
        long l1 = L1,
        int snapshots = 0
    )
    {
        var lines = 0;
        var layout = new CheckLayout
        {
            Version = 3,
            ClusterBits = ClusterBits,
            RefcountOrder = 4,
            SizeBytes = 1L << 60,
            L1Offset = l1,
            L1Entries = l1Entries,
            RefcountTableOffset = RefcountTable,
            RefcountTableClusters = tableClusters,
            SnapshotsOffset = 128 * Cluster,
            SnapshotCount = snapshots,
        };
        var watch = Stopwatch.StartNew();
        var memory = GC.GetTotalMemory(forceFullCollection: false);
        ImageCheckResult? result = null;
        try
        {
            result = await new Qcow2Checker(storage, layout, repair, _ => lines++).CheckAsync();
        }
        catch (BlockException)
        {
            // Refused, and said why.
        }
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Enough);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 1L << 30);
        Assert.InRange(lines, 0, 4_000_000);
        return result;
    }

    private static async Task PutAsync(SparseCheckStorage storage, long offset, ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        _ = await storage.WriteAsync(offset, bytes);
    }

    private static async Task FillTableAsync(SparseCheckStorage storage, long offset, Func<ulong> next)
    {
        var bytes = new byte[Cluster];
        for (var i = 0; i < bytes.Length; i += 8)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(i), next());
        }
        _ = await storage.WriteAsync(offset, bytes);
    }
}
