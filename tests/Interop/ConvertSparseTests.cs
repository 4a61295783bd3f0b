using System.Text.Json;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>What convert -S leaves out, beside the real program: the targets have the same data in the same places.</summary>
public sealed class ConvertSparseTests : IDisposable
{
    private const int Size = 6 << 20;
    private static readonly int[] Runs = [512, 4096, 8192, 65_536, 69_632, 131_072, 204_800, 524_288, 1 << 20, 2 << 20];

    private readonly TempFolder folder = TempFolder.InMemory();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("raw", "0")]
    [InlineData("raw", "512")]
    [InlineData("raw", "4k")]
    [InlineData("raw", "12k")]
    [InlineData("raw", "64k")]
    [InlineData("raw", "2M")]
    [InlineData("qcow2", "0")]
    [InlineData("qcow2", "512")]
    [InlineData("qcow2", "4k")]
    [InlineData("qcow2", "64k")]
    [InlineData("qcow2", "96k")]
    [InlineData("qcow2", "1M")]
    [InlineData("qcow2", "2M")]
    public void Gaps_are_those_of_the_real_program(string format, string sparse)
    {
        Assert.SkipUnless(ProgramRun.Exists("qemu-img"), "qemu-img is not installed");
        foreach (var withHoles in (bool[])[false, true])
        {
            var source = folder.File("source.raw");
            Fill(source, seed: sparse.Length + (withHoles ? 7 : 1), withHoles);
            var (theirs, ours) = (folder.File("theirs"), folder.File("ours"));
            string[] options = ["convert", "-S", sparse, "-f", "raw", "-O", format, source];
            _ = ProgramRun.Of("qemu-img", [.. options, theirs]).MustSucceed();
            _ = Ours.Img([.. options, ours]).MustSucceed();
            _ = ProgramRun.Of("qemu-img", "compare", "-f", "raw", "-F", format, source, ours).MustSucceed();
            Assert.Equal(DataOf(theirs, format), DataOf(ours, format));
        }
    }

    // The first block is data: the real program writes it in any new raw file.
    private static void Fill(string path, int seed, bool withHoles)
    {
        var random = new Random(seed);
        using var file = System.IO.File.Create(path);
        file.SetLength(Size);
        file.Write(new byte[] { 1 });
        for (var at = 4096; at < Size; )
        {
            var run = Math.Min(Runs[random.Next(Runs.Length)], Size - at);
            var bytes = new byte[run];
            var kind = random.Next(4);
            if (kind < 2)
            {
                random.NextBytes(bytes);
            }
            if (kind < 3 || !withHoles)
            {
                file.Position = at;
                file.Write(bytes);
            }
            at += run;
        }
    }

    // Runs of data and of nothing; where in the file they lie is each program's own.
    private static List<(long Start, bool IsData)> DataOf(string image, string format)
    {
        var run = ProgramRun.Of("qemu-img", "map", "--output=json", "-f", format, image).MustSucceed();
        var runs = new List<(long Start, bool IsData)>();
        foreach (var entry in JsonDocument.Parse(run.Output).RootElement.EnumerateArray())
        {
            var isData = entry.GetProperty("data").GetBoolean();
            if (runs.Count == 0 || runs[^1].IsData != isData)
            {
                runs.Add((entry.GetProperty("start").GetInt64(), isData));
            }
        }
        return runs;
    }
}
