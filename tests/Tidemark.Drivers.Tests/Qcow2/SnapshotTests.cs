using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>Internal snapshots among random changes: each keeps what it kept, whatever is written, taken, applied and let go of.</summary>
public sealed class SnapshotTests
{
    private static readonly bool HasQemu = ProgramRun.Exists("qemu-img");

    [Theory]
    [InlineData(1, 512, 16, "1.1")]
    [InlineData(2, 4096, 16, "1.1")]
    [InlineData(3, 65536, 16, "1.1")]
    [InlineData(4, 4096, 64, "1.1")]
    [InlineData(5, 4096, 8, "1.1")]
    [InlineData(6, 65536, 16, "0.10")]
    public void Snapshots_keep_what_they_kept(int seed, int clusterSize, int refcountBits, string compat)
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        var model = new ImageModel(seed, 2 << 20);
        var kept = new Dictionary<string, byte[]>();
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(
                path,
                model.Size,
                ("cluster_size", clusterSize),
                ("refcount_bits", refcountBits),
                ("compat", compat)
            );
            var random = new Random(seed);
            for (var round = 0; round < 3; round++)
            {
                var image = await world.OpenAsync(path);
                for (var i = 0; i < 12; i++)
                {
                    for (var step = 0; step < 6; step++)
                    {
                        await model.StepAsync(image);
                    }
                    await ChangeAsync(Driver(image), random, model, kept, $"s{round}-{i}");
                    await model.CompareAsync(image);
                }
                await world.CloseAsync(image);
            }
            await CompareKeptAsync(world, path, kept);
        });
        Judge(folder, path, model, kept);
    }

    [Fact]
    public void A_snapshot_remembers_the_size_of_the_disk()
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, 1 << 20, ("cluster_size", 4096));
            var image = await world.OpenAsync(path);
            await ImageWorld.FillAsync(image, 0, 1 << 20, 5);
            var small = await Driver(image).CreateSnapshotAsync(new("", "small"));
            await image.TruncateAsync(64 << 20, exact: true, PreallocationMode.Off);
            await ImageWorld.FillAsync(image, 60 << 20, 4096, 6);
            var large = await Driver(image).CreateSnapshotAsync(new("", "large"));
            await Driver(image).ApplySnapshotAsync(small);
            Assert.Equal(1 << 20, image.Node.SizeBytes);
            Assert.DoesNotContain((await ImageWorld.ReadAsync(image, 0, 1 << 20)), static b => b != 5);
            await Driver(image).ApplySnapshotAsync(large);
            Assert.Equal(64 << 20, image.Node.SizeBytes);
            Assert.Equal(6, (await ImageWorld.ReadAsync(image, 60 << 20, 1))[0]);
        });
    }

    [Fact]
    public void One_bit_refcounts_can_t_be_shared()
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, 1 << 20, ("refcount_bits", 1));
            var image = await world.OpenAsync(path);
            await ImageWorld.FillAsync(image, 0, 1 << 18, 5);
            _ = await Assert.ThrowsAsync<BlockException>(async () => await Driver(image).CreateSnapshotAsync(new("", "s")));
            Assert.Empty(Driver(image).Snapshots);
            await ImageWorld.FillAsync(image, 0, 1 << 17, 6);
            await world.CloseAsync(image);
        });
        Assert.SkipUnless(HasQemu, "qemu-img is not installed");
        Assert.Equal(0, ProgramRun.Of("qemu-img", "check", "-f", "qcow2", path).ExitCode);
    }

    [Fact]
    public void Nothing_is_applied_under_bitmaps()
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, 1 << 20);
            var image = await world.OpenAsync(path);
            var snapshot = await Driver(image).CreateSnapshotAsync(new("", "s"));
            _ = image.Node.Bitmaps.Add("b", 65536, false, true);
            var error = await Assert.ThrowsAsync<BlockException>(async () => await Driver(image).ApplySnapshotAsync(snapshot));
            Assert.Equal("Device has active dirty bitmaps", error.Message);
        });
    }

    private static ISnapshotDriver Driver(BlockBackend image) => (ISnapshotDriver)image.Node.Driver;

    private static async Task ChangeAsync(
        ISnapshotDriver driver,
        Random random,
        ImageModel model,
        Dictionary<string, byte[]> kept,
        string name
    )
    {
        var any = driver.Snapshots.Count > 0 ? driver.Snapshots[random.Next(driver.Snapshots.Count)] : null;
        switch (random.Next(5))
        {
            case 0 when any is not null:
                await driver.DeleteSnapshotAsync(any);
                _ = kept.Remove(any.Name);
                break;
            case 1 when any is not null:
                await driver.ApplySnapshotAsync(any);
                model.Load([.. kept[any.Name]]);
                break;
            default:
                var made = await driver.CreateSnapshotAsync(new("", name) { DateSeconds = 1_000_000_000 });
                Assert.Equal(made, driver.Snapshots[^1]);
                kept.Add(name, model.Content.ToArray());
                break;
        }
    }

    private static async Task CompareKeptAsync(ImageWorld world, string path, Dictionary<string, byte[]> kept)
    {
        foreach (var (name, content) in kept)
        {
            var image = await world.OpenAsync(path, new JsonObject { ["read-only"] = true });
            await Driver(image).ShowSnapshotAsync(Driver(image).Snapshots.First(s => s.Name == name));
            Assert.True((await ImageWorld.ReadAsync(image, 0, content.Length)).AsSpan().SequenceEqual(content), name);
            await world.CloseAsync(image);
        }
    }

    private static void Judge(TempFolder folder, string path, ImageModel model, Dictionary<string, byte[]> kept)
    {
        Assert.SkipUnless(HasQemu, "qemu-img is not installed");
        var check = ProgramRun.Of("qemu-img", "check", "-f", "qcow2", path);
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        var raw = folder.File("raw");
        foreach (var (name, content) in kept)
        {
            _ = ProgramRun.Of("qemu-img", "convert", "-f", "qcow2", "-l", name, "-O", "raw", path, raw).MustSucceed();
            Assert.True(System.IO.File.ReadAllBytes(raw).AsSpan().SequenceEqual(content), name);
        }
        _ = ProgramRun.Of("qemu-img", "convert", "-f", "qcow2", "-O", "raw", path, raw).MustSucceed();
        Assert.True(System.IO.File.ReadAllBytes(raw).AsSpan().SequenceEqual(model.Content.Span), "the disk itself");
    }
}
