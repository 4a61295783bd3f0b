using Tidemark.Cli.Demo;

namespace Tidemark.Cli.Tests.Demo;

public sealed class TruthLogTests : IDisposable
{
    private const int DiskBytes = 1 << 20;

    private readonly string folder = Directory.CreateTempSubdirectory("tidemark-truth").FullName;

    [Fact]
    public void Every_mark_gives_the_disk_of_its_instant()
    {
        var random = new Random(5);
        var disk = new byte[DiskBytes];
        random.NextBytes(disk);
        var image = Path.Combine(folder, "truth.raw");
        File.WriteAllBytes(image, disk);
        using var truth = new TruthLog(image, Path.Combine(folder, "truth.log"));

        var points = new List<(long Mark, byte[] Disk)>();
        for (var point = 0; point < 5; point++)
        {
            for (var write = 0; write < 200; write++)
            {
                var length = random.Next(1, 9000);
                var offset = random.Next(DiskBytes - length);
                var target = disk.AsSpan(offset, length);
                if (write % 5 == 0)
                {
                    target.Clear();
                    truth.Zero(offset, length);
                }
                else
                {
                    random.NextBytes(target);
                    truth.Write(offset, target);
                }
            }

            points.Add((truth.Mark(), (byte[])disk.Clone()));
        }

        foreach (var (mark, expected) in points)
        {
            truth.AdvanceTo(mark);
            Assert.True(File.ReadAllBytes(image).AsSpan().SequenceEqual(expected));
        }

        Assert.Equal(1000, truth.Count);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
