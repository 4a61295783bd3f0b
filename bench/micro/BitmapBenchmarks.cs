using BenchmarkDotNet.Attributes;
using Tidemark.Bitmaps;
using Tidemark.Core.Units;

namespace Tidemark.Bench;

/// <summary>
/// The bitmap's operations at 64 KiB a granule: 2 TiB (4 MiB of bits, in the cache) and 64 TiB (128 MiB, in memory), with
/// 2000 scattered dirty granules or with half of the disk dirty in runs of 1 GiB.
/// </summary>
[MemoryDiagnoser]
public class BitmapBenchmarks
{
    private const int GranularityBits = 16;

    private HierarchicalBitmap source = null!;
    private HierarchicalBitmap copy = null!;
    private HierarchicalBitmap target = null!;
    private HierarchicalBitmap coarser = null!;
    private HierarchicalBitmap finer = null!;
    private byte[] cluster = null!;

    [Params(2, 64)]
    public int Tebibytes { get; set; }

    [Params("sparse", "dense")]
    public string Content { get; set; } = "";

    private long Size => (long)Tebibytes << 40;

    [GlobalSetup]
    public void SetUp()
    {
        source = new HierarchicalBitmap(Size, GranularityBits);
        target = new HierarchicalBitmap(Size, GranularityBits);
        coarser = new HierarchicalBitmap(Size, GranularityBits + 2);
        finer = new HierarchicalBitmap(Size, GranularityBits - 2);
        cluster = new byte[65536];
        Fill(source);
        copy = source.Clone();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        foreach (var bitmap in new[] { source, copy, target, coarser, finer })
        {
            bitmap.Dispose();
        }
    }

    /// <summary>Into a bitmap that has the same bits already: nothing is stored.</summary>
    [Benchmark]
    public void MergeAgain() => copy.MergeFrom(source);

    /// <summary>Into a blank bitmap, its memory made anew, then cleared.</summary>
    [Benchmark]
    public void MergeIntoBlankAndClear()
    {
        target.MergeFrom(source);
        target.Clear();
    }

    [Benchmark]
    public void MergeIntoCoarserAndClear()
    {
        coarser.MergeFrom(source);
        coarser.Clear();
    }

    [Benchmark]
    public void MergeIntoFinerAndClear()
    {
        finer.MergeFrom(source);
        finer.Clear();
    }

    /// <summary>Walks all dirty areas from first to last.</summary>
    [Benchmark]
    public int WalkAreas()
    {
        var areas = 0;
        for (long at = 0; source.NextDirtyArea(at, Size, long.MaxValue, out var area); at = area.End)
        {
            areas++;
        }
        return areas;
    }

    /// <summary>As storing does: piecewise into a cluster, skipping what is clean.</summary>
    [Benchmark]
    public long SerializeClusters()
    {
        long bytes = 0;
        var coverage = source.SerializationCoverage(cluster.Length);
        for (long at = 0; at < Size; at += coverage)
        {
            var part = ByteRange.Between(at, Math.Min(at + coverage, Size));
            bytes += source.IsAllZero(part) ? 0 : source.Serialize(part, cluster);
        }
        return bytes;
    }

    private void Fill(HierarchicalBitmap bitmap)
    {
        if (Content == "sparse")
        {
            var random = new Random(1);
            for (var write = 0; write < 2000; write++)
            {
                bitmap.Set(new ByteRange(random.NextInt64(Size >> 16) << 16, 65536));
            }
            return;
        }
        for (long at = 0; at < Size; at += 2L << 30)
        {
            bitmap.Set(new ByteRange(at, 1L << 30));
        }
    }
}
