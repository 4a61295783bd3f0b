using Tidemark.Core.Json;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>Seeded sequences of everything that guests do; the real programs judge the images.</summary>
public sealed class RandomOperationsTests
{
    private static readonly bool HasQemu = ProgramRun.Exists("qemu-img");

    public static TheoryData<int, int, int, string> Shapes()
    {
        var data = new TheoryData<int, int, int, string>();
        var seed = 1;
        for (var bits = 9; bits <= 21; bits++)
        {
            data.Add(seed++, 1 << bits, 16, "1.1");
        }
        foreach (var width in (int[])[1, 2, 4, 8, 32, 64])
        {
            data.Add(seed++, 512, width, "1.1");
            data.Add(seed++, 4096, width, "1.1");
        }
        data.Add(seed++, 65536, 16, "0.10");
        data.Add(seed, 1024, 16, "0.10");
        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Random_changes_read_back_and_the_real_check_finds_nothing(
        int seed,
        int clusterSize,
        int refcountBits,
        string compat
    )
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        var model = new ImageModel(seed, (clusterSize >= 1 << 20 ? 24 : 4) << 20);
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(
                path,
                model.Size,
                ("cluster_size", clusterSize),
                ("refcount_bits", refcountBits),
                ("compat", compat)
            );
            for (var round = 0; round < 3; round++)
            {
                var image = await world.OpenAsync(path);
                for (var i = 0; i < 60; i++)
                {
                    await model.StepAsync(image);
                }
                await model.BurstAsync(image, 16);
                await model.ResizeAsync(image, 512);
                await model.CompareAsync(image);
                await world.CloseAsync(image);
            }
        });
        Judge(folder, path, model);
    }

    [Theory]
    [InlineData(101, 512)]
    [InlineData(102, 4096)]
    [InlineData(103, 65536)]
    public void An_overlay_keeps_what_its_backing_file_has(int seed, int clusterSize)
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("top.qcow2");
        var below = new ImageModel(seed, 3 << 20);
        var model = new ImageModel(seed + 1000, 4 << 20);
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(folder.File("base.qcow2"), below.Size);
            var image = await world.OpenAsync(folder.File("base.qcow2"));
            for (var i = 0; i < 40; i++)
            {
                await below.StepAsync(image);
            }
            await world.CloseAsync(image);
            await world.CreateAsync(
                path,
                model.Size,
                ("cluster_size", clusterSize),
                ("backing_file", "base.qcow2"),
                ("backing_fmt", "qcow2")
            );
            var initial = new byte[model.Size];
            below.Content.CopyTo(initial);
            model.Load(initial);
            for (var round = 0; round < 3; round++)
            {
                image = await world.OpenAsync(path);
                for (var i = 0; i < 60; i++)
                {
                    await model.StepAsync(image);
                }
                await model.BurstAsync(image, 8);
                await model.CompareAsync(image);
                await world.CloseAsync(image);
            }
        });
        Judge(folder, path, model);
    }

    [Fact]
    public void Small_caches_do_not_change_what_is_read()
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        var model = new ImageModel(7, 8 << 20);
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, model.Size, ("cluster_size", 4096));
            var image = await world.OpenAsync(
                path,
                new JsonObject
                {
                    ["l2-cache-size"] = 1024,
                    ["l2-cache-entry-size"] = 512,
                    ["refcount-cache-size"] = 4096,
                }
            );
            for (var i = 0; i < 200; i++)
            {
                await model.StepAsync(image);
            }
            await model.BurstAsync(image, 32);
            await model.CompareAsync(image);
            await world.CloseAsync(image);
        });
        Judge(folder, path, model);
    }

    [Fact]
    public void Lazy_refcounts_are_right_after_closing()
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        var model = new ImageModel(8, 8 << 20);
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, model.Size, ("lazy_refcounts", "on"));
            var image = await world.OpenAsync(path);
            for (var i = 0; i < 100; i++)
            {
                await model.StepAsync(image);
            }
            await world.CloseAsync(image);
        });
        Judge(folder, path, model);
    }

    private static void Judge(TempFolder folder, string path, ImageModel model)
    {
        Assert.SkipUnless(HasQemu, "qemu-img is not installed");
        var check = ProgramRun.Of("qemu-img", "check", "-f", "qcow2", path);
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        var raw = folder.File("model.raw");
        System.IO.File.WriteAllBytes(raw, model.Content.ToArray());
        var compare = ProgramRun.Of("qemu-img", "compare", "-f", "raw", "-F", "qcow2", raw, path);
        Assert.True(compare.ExitCode == 0, compare.Output + compare.Errors);
    }
}
