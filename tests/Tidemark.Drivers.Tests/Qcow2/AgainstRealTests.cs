using System.Text.Json;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>Images that the real programs make, change and judge, alternating with ours.</summary>
public sealed class AgainstRealTests
{
    private static readonly bool HasQemu = ProgramRun.Exists("qemu-img") && ProgramRun.Exists("qemu-io");

    [Theory]
    [InlineData(1, "cluster_size=65536")]
    [InlineData(2, "cluster_size=512,refcount_bits=8")]
    [InlineData(3, "cluster_size=4096,lazy_refcounts=on")]
    [InlineData(4, "cluster_size=2097152")]
    [InlineData(5, "compat=0.10")]
    public void An_image_grows_through_alternating_runs(int seed, string options)
    {
        Assert.SkipUnless(HasQemu, "qemu-img and qemu-io are not installed");
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        var model = new ImageModel(seed, 8 << 20);
        var random = new Random(seed);
        _ = Img("create", "-q", "-f", "qcow2", "-o", options, path, $"{model.Size}");
        for (var round = 0; round < 4; round++)
        {
            ImageWorld.Run(async world =>
            {
                var image = await world.OpenAsync(path);
                await model.CompareAsync(image);
                for (var i = 0; i < 40; i++)
                {
                    await model.StepAsync(image);
                }
                await world.CloseAsync(image);
            });
            List<string> commands = [];
            for (var i = 0; i < 10; i++)
            {
                commands.Add(model.RealStep(random));
            }
            _ = ProgramRun
                .Of("qemu-io", ["-f", "qcow2", "-d", "unmap", .. commands.SelectMany(static c => new[] { "-c", c }), path])
                .MustSucceed();
            Judge(folder, path, model.Content);
        }
    }

    [Theory]
    [InlineData(11, "cluster_size=65536")]
    [InlineData(12, "cluster_size=4096")]
    [InlineData(13, "cluster_size=65536,preallocation=metadata")]
    [InlineData(14, "compat=0.10,cluster_size=4096")]
    public void Both_programs_map_an_image_alike(int seed, string options)
    {
        Assert.SkipUnless(HasQemu, "qemu-img and qemu-io are not installed");
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        var model = new ImageModel(seed, 8 << 20);
        _ = Img("create", "-q", "-f", "qcow2", "-o", options, path, $"{model.Size}");
        ImageWorld.Run(async world =>
        {
            var image = await world.OpenAsync(path);
            for (var i = 0; i < 50; i++)
            {
                await model.StepAsync(image);
            }
            await image.FlushAsync();
            await world.CloseAsync(image);
            image = await world.OpenAsync(path, new JsonObject { ["read-only"] = true });
            var ours = await MapAsync(image);
            await world.CloseAsync(image);
            Assert.Equal(Parse(Img("map", "--output=json", "-f", "qcow2", path)), ours);
        });
    }

    [Fact]
    public void Snapshots_keep_their_content_while_the_disk_is_written()
    {
        Assert.SkipUnless(HasQemu, "qemu-img and qemu-io are not installed");
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        var model = new ImageModel(21, 4 << 20);
        _ = Img("create", "-q", "-f", "qcow2", "-o", "cluster_size=4096", path, $"{model.Size}");
        List<byte[]> kept = [];
        for (var round = 0; round < 3; round++)
        {
            ImageWorld.Run(async world =>
            {
                var image = await world.OpenAsync(path, new JsonObject { ["overlap-check"] = "all" });
                for (var i = 0; i < 40; i++)
                {
                    await model.StepAsync(image);
                }
                await model.CompareAsync(image);
                await world.CloseAsync(image);
                Assert.Empty(world.Warnings);
            });
            kept.Add(model.Content.ToArray());
            _ = Img("snapshot", "-c", $"s{round}", path);
        }
        Judge(folder, path, model.Content);
        for (var round = 0; round < 3; round++)
        {
            _ = Img("convert", "-l", $"s{round}", "-O", "raw", path, folder.File("snapshot.raw"));
            Assert.True(System.IO.File.ReadAllBytes(folder.File("snapshot.raw")).AsSpan().SequenceEqual(kept[round]));
        }
    }

    [Theory]
    [InlineData("zlib", 65536)]
    [InlineData("zstd", 65536)]
    [InlineData("zlib", 4096)]
    [InlineData("zstd", 2097152)]
    public void Compressed_clusters_are_read_and_written_over(string type, int clusterSize)
    {
        Assert.SkipUnless(HasQemu, "qemu-img and qemu-io are not installed");
        using var folder = TempFolder.InMemory();
        var (raw, path) = (folder.File("in.raw"), folder.File("a.qcow2"));
        var content = new byte[6 << 20];
        var random = new Random(3);
        for (var i = 0; i < content.Length; i += 4096)
        {
            content.AsSpan(i, 4096).Fill((byte)random.Next(256));
            random.NextBytes(content.AsSpan(i, random.Next(1000)));
        }
        System.IO.File.WriteAllBytes(raw, content);
        _ = Img("convert", "-c", "-O", "qcow2", "-o", $"compression_type={type},cluster_size={clusterSize}", raw, path);
        var model = new ImageModel(31, content.Length);
        model.Load(content);
        ImageWorld.Run(async world =>
        {
            var image = await world.OpenAsync(path);
            await model.CompareAsync(image);
            for (var i = 0; i < 60; i++)
            {
                await model.StepAsync(image);
            }
            await model.CompareAsync(image);
            await world.CloseAsync(image);
        });
        Judge(folder, path, model.Content);
    }

    [Theory]
    [InlineData(PreallocationMode.Metadata)]
    [InlineData(PreallocationMode.Falloc)]
    [InlineData(PreallocationMode.Full)]
    public void A_disk_that_grows_with_its_space_reads_as_zeroes_there(PreallocationMode mode)
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        var model = new ImageModel(41, 3 << 20);
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, model.Size, ("cluster_size", 4096));
            var image = await world.OpenAsync(path);
            for (var i = 0; i < 30; i++)
            {
                await model.StepAsync(image);
            }
            await image.TruncateAsync(9 << 20, exact: true, mode);
            model.Grow(9 << 20);
            await model.CompareAsync(image);
            for (var i = 0; i < 60; i++)
            {
                await model.StepAsync(image);
            }
            await model.CompareAsync(image);
            await world.CloseAsync(image);
        });
        Assert.SkipUnless(HasQemu, "qemu-img and qemu-io are not installed");
        Judge(folder, path, model.Content);
    }

    [Fact]
    public void Direct_requests_honour_the_files_blocks()
    {
        using var folder = TempFolder.OnDisk();
        var path = folder.File("a.qcow2");
        var model = new ImageModel(51, 4 << 20);
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, model.Size, ("cluster_size", 16384));
            var image = await world.OpenAsync(path, new JsonObject { ["cache"] = new JsonObject { ["direct"] = true } });
            for (var i = 0; i < 60; i++)
            {
                await model.StepAsync(image);
            }
            await model.BurstAsync(image, 16);
            await model.CompareAsync(image);
            await world.CloseAsync(image);
        });
        Assert.SkipUnless(HasQemu, "qemu-img and qemu-io are not installed");
        Judge(folder, path, model.Content);
    }

    [Fact]
    public void A_reopen_changes_caches_and_modes_under_the_same_content()
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        var model = new ImageModel(61, 4 << 20);
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, model.Size, ("cluster_size", 4096));
            var file = new JsonObject { ["driver"] = "file", ["filename"] = path };
            var options = new JsonObject
            {
                ["driver"] = "qcow2",
                ["node-name"] = "disk",
                ["file"] = file,
            };
            var node = await world.Graph.OpenAsync(options.DeepClone());
            var image = BlockBackend.Create(node, BlockPermissions.ConsistentRead | BlockPermissions.Write, BlockPermissions.All);
            foreach (var slice in (int[])[512, 4096, 1024])
            {
                for (var i = 0; i < 40; i++)
                {
                    await model.StepAsync(image);
                }
                var changed = options.DeepClone();
                changed["file"] = node.PrimaryChild!.Node.Name; // an open image has its file
                changed["l2-cache-entry-size"] = slice;
                changed["l2-cache-size"] = slice * 3;
                changed["refcount-cache-size"] = 8192;
                changed["lazy-refcounts"] = slice == 4096;
                await world.Graph.ReopenAsync([changed]);
                await model.CompareAsync(image);
            }
            await image.DisposeAsync();
            await world.Graph.ReleaseAsync(node);
        });
        Assert.SkipUnless(HasQemu, "qemu-img and qemu-io are not installed");
        Judge(folder, path, model.Content);
    }

    [Fact]
    public void A_write_that_would_hit_metadata_marks_the_image_corrupt()
    {
        Assert.SkipUnless(HasQemu, "qemu-img and qemu-io are not installed");
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        _ = Img("create", "-q", "-f", "qcow2", path, "1M");
        _ = ProgramRun.Of("qemu-io", "-f", "qcow2", "-c", "write 0 64k", path).MustSucceed();
        var bytes = System.IO.File.ReadAllBytes(path);
        // The first L2 entry is made to name the refcount table.
        var l2 = (bytes[0x30005] << 16) | (bytes[0x30006] << 8);
        bytes[l2 + 5] = 1;
        System.IO.File.WriteAllBytes(path, bytes);
        ImageWorld.Run(async world =>
        {
            List<ImageCorruption> events = [];
            world.Graph.ReportCorruption = events.Add;
            var image = await world.OpenAsync(path);
            Assert.Equal(IoStatus.IoError, await image.WriteAsync(new ByteRange(0, 512), new byte[512]));
            Assert.Equal(IoStatus.NoMedium, await image.ReadAsync(new ByteRange(0, 512), new byte[512]));
            await world.CloseAsync(image);
            Assert.Equal(
                "qcow2: Marking image as corrupt: Preventing invalid write on metadata (overlaps with refcount table); "
                    + "further corruption events will be suppressed",
                Assert.Single(world.Warnings)
            );
            Assert.True(Assert.Single(events) is { IsFatal: true, Offset: 0x10000, Size: 512 });
            var error = await Assert.ThrowsAsync<BlockException>(async () => await world.OpenAsync(path));
            Assert.Equal("qcow2: Image is corrupt; cannot be opened read/write", error.Message);
            await world.CloseAsync(await world.OpenAsync(path, new JsonObject { ["read-only"] = true }));
        });
    }

    private static async Task<List<string>> MapAsync(BlockBackend image)
    {
        List<string> lines = [];
        var offset = 0L;
        var last = (Start: 0L, Length: 0L, Key: "", Host: -1L);
        while (offset < image.SizeBytes)
        {
            var answer = await image.BlockStatusAboveAsync(null, ByteRange.Between(offset, image.SizeBytes), wantZero: true);
            Assert.Equal(IoStatus.Ok, answer.Block.Status);
            var flags = answer.Block.Flags;
            var host = (flags & BlockStatusFlags.OffsetValid) != 0 ? answer.Block.HostOffset : -1;
            var key =
                $"{Yes(flags, BlockStatusFlags.Allocated)} {Yes(flags, BlockStatusFlags.Zero)} {Yes(flags, BlockStatusFlags.Data)}";
            var joins = key == last.Key && (host < 0 ? last.Host < 0 : last.Host >= 0 && last.Host + last.Length == host);
            if (joins)
            {
                last.Length += answer.Block.Length;
            }
            else
            {
                Add(lines, last);
                last = (offset, answer.Block.Length, key, host);
            }
            offset += answer.Block.Length;
        }
        Add(lines, last);
        return lines;
    }

    private static void Add(List<string> lines, (long Start, long Length, string Key, long Host) run)
    {
        if (run.Length > 0)
        {
            lines.Add($"{run.Start}+{run.Length} {run.Key} {run.Host}");
        }
    }

    private static bool Yes(BlockStatusFlags flags, BlockStatusFlags one) => (flags & one) != 0;

    private static List<string> Parse(string json) =>
        [
            .. JsonDocument
                .Parse(json)
                .RootElement.EnumerateArray()
                .Select(static e =>
                    $"{e.GetProperty("start")}+{e.GetProperty("length")} {e.GetProperty("present")} {e.GetProperty("zero")} "
                    + $"{e.GetProperty("data")} {(e.TryGetProperty("offset", out var host) ? host.GetInt64() : -1)}"
                ),
        ];

    private static string Img(params string[] arguments) => ProgramRun.Of("qemu-img", arguments).MustSucceed().Output;

    private static void Judge(TempFolder folder, string path, ReadOnlyMemory<byte> content)
    {
        var check = ProgramRun.Of("qemu-img", "check", "-f", "qcow2", path);
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        System.IO.File.WriteAllBytes(folder.File("model.raw"), content.ToArray());
        var compare = ProgramRun.Of("qemu-img", "compare", "-f", "raw", "-F", "qcow2", folder.File("model.raw"), path);
        Assert.True(compare.ExitCode == 0, compare.Output + compare.Errors);
    }
}
