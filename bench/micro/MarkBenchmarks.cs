using BenchmarkDotNet.Attributes;
using Tidemark.Bitmaps;
using Tidemark.Core.Units;

namespace Tidemark.Bench;

/// <summary>What a guest's 4 KiB write pays for being tracked, with none to eight recording bitmaps on a 1 TiB node.</summary>
[MemoryDiagnoser]
public class MarkBenchmarks
{
    private const long Size = 1L << 40;
    private const int Writes = 4096;

    private readonly ByteRange[] writes = new ByteRange[Writes];
    private DirtyBitmapSet set = null!;

    [Params(0, 1, 4, 8)]
    public int Bitmaps { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        set = new DirtyBitmapSet(Size);
        for (var index = 0; index < Bitmaps; index++)
        {
            set.Add($"b{index}");
        }
        var random = new Random(1);
        for (var index = 0; index < Writes; index++)
        {
            writes[index] = new ByteRange(random.NextInt64(Size >> 12) << 12, 4096);
        }
    }

    [GlobalCleanup]
    public void CleanUp() => set.RemoveAll();

    /// <summary>Scattered writes to places that are dirty already after the first round.</summary>
    [Benchmark(OperationsPerInvoke = Writes)]
    public void Mark()
    {
        foreach (var range in writes)
        {
            set.Mark(range);
        }
    }
}
