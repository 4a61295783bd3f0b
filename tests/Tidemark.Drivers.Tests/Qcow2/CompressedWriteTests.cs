using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>Compressed clusters, written: what is read back, what the real programs make of it, and what is refused.</summary>
public sealed class CompressedWriteTests
{
    private static readonly bool HasQemu = ProgramRun.Exists("qemu-img");

    [Theory]
    [InlineData(1, 512, 16, "zlib")]
    [InlineData(2, 4096, 16, "zlib")]
    [InlineData(3, 65536, 16, "zlib")]
    [InlineData(4, 65536, 1, "zlib")]
    [InlineData(5, 4096, 2, "zlib")]
    [InlineData(6, 1 << 21, 16, "zlib")]
    [InlineData(7, 4096, 64, "zstd")]
    [InlineData(8, 65536, 8, "zstd")]
    public void A_mixture_of_compressed_and_other_writes_reads_back(int seed, int clusterSize, int refcountBits, string type)
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        // The last cluster is short.
        var content = new byte[(clusterSize * 24) + (clusterSize >= 1024 ? 512 : 0)];
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(
                path,
                content.Length,
                ("cluster_size", clusterSize),
                ("refcount_bits", refcountBits),
                ("compression_type", type)
            );
            var random = new Random(seed);
            for (var round = 0; round < 2; round++)
            {
                var image = await world.OpenAsync(path);
                for (var i = 0; i < 60; i++)
                {
                    await StepAsync(image, random, content, clusterSize);
                }
                var read = await ImageWorld.ReadAsync(image, 0, content.Length);
                Assert.True(read.AsSpan().SequenceEqual(content), $"seed {seed}");
                await world.CloseAsync(image);
            }
        });
        Judge(folder, path, content);
    }

    [Fact]
    public void A_cluster_that_is_there_already_is_not_packed_in_its_place()
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, 1 << 20);
            var image = await world.OpenAsync(path);
            await ImageWorld.FillAsync(image, 0, 65536, 1);
            Assert.Equal(IoStatus.IoError, await image.WriteAsync(Clusters(0, 1), new byte[65536], RequestFlags.Compressed));
            Assert.Equal(1, (await ImageWorld.ReadAsync(image, 100, 1))[0]);
        });
    }

    [Fact]
    public void Parts_of_clusters_are_refused()
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, 1 << 20);
            var image = await world.OpenAsync(path);
            Assert.Equal(
                IoStatus.InvalidArgument,
                await image.WriteAsync(new ByteRange(512, 65536), new byte[65536], RequestFlags.Compressed)
            );
            Assert.Equal(
                IoStatus.InvalidArgument,
                await image.WriteAsync(new ByteRange(0, 512), new byte[512], RequestFlags.Compressed)
            );
        });
    }

    [Fact]
    public void Packed_clusters_share_host_clusters()
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, 64 << 20);
            var image = await world.OpenAsync(path);
            var data = new byte[32 << 20];
            data.AsSpan().Fill(7);
            await ImageWorld.MustAsync(image.WriteAsync(new ByteRange(0, data.Length), data, RequestFlags.Compressed));
            await world.CloseAsync(image);
        });
        Assert.InRange(new FileInfo(path).Length, 1, 1 << 20);
    }

    private static ByteRange Clusters(int first, int count) => new(first * 65536L, count * 65536L);

    private static async Task StepAsync(Tidemark.Block.Graph.BlockBackend image, Random random, byte[] content, int clusterSize)
    {
        var first = random.Next(24) * clusterSize;
        var length = Math.Min((1 + random.Next(8)) * clusterSize, content.Length - first);
        var range = new ByteRange(first, length);
        var data = new byte[length];
        for (var at = 0; at < length; at += clusterSize / 4)
        {
            // Some clusters can be packed, others can't.
            var part = data.AsSpan(at, Math.Min(clusterSize / 4, length - at));
            if (random.Next(4) == 0)
            {
                random.NextBytes(part);
            }
            else
            {
                part.Fill((byte)random.Next(256));
            }
        }
        switch (random.Next(8))
        {
            case < 2:
                data.CopyTo(content, first);
                await ImageWorld.MustAsync(image.WriteAsync(range, data));
                break;
            case < 6:
                // What is there for the image alone could not be packed.
                data.CopyTo(content, first);
                await ImageWorld.MustAsync(image.WriteZeroesAsync(range, RequestFlags.MayUnmap));
                await ImageWorld.MustAsync(image.WriteAsync(range, data, RequestFlags.Compressed));
                break;
            case 6:
                content.AsSpan(first, length).Clear();
                await ImageWorld.MustAsync(image.WriteZeroesAsync(range, RequestFlags.MayUnmap));
                break;
            default:
                await ImageWorld.MustAsync(image.FlushAsync());
                break;
        }
    }

    private static void Judge(TempFolder folder, string path, byte[] content)
    {
        Assert.SkipUnless(HasQemu, "qemu-img is not installed");
        var check = ProgramRun.Of("qemu-img", "check", "-f", "qcow2", path);
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        var raw = folder.File("model.raw");
        System.IO.File.WriteAllBytes(raw, content);
        var compare = ProgramRun.Of("qemu-img", "compare", "-f", "raw", "-F", "qcow2", raw, path);
        Assert.True(compare.ExitCode == 0, compare.Output + compare.Errors);
    }
}
