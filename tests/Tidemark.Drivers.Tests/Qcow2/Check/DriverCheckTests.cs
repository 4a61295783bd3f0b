using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Json;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2.Check;

/// <summary>The check as the driver offers it: on an open image, which goes on with what was repaired.</summary>
public sealed class DriverCheckTests
{
    private const ImageRepair All = ImageRepair.Leaks | ImageRepair.Errors;

    [Fact]
    public void An_image_can_be_written_right_after_its_refcounts_were_rebuilt()
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("64M", "cluster_size=4k", "write -P 17 0 1M");
        image.Put(image.RefcountTable, (ulong)image.RefcountTable);
        image.Save();
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            var result = await Checker(disk).CheckAsync(All, static _ => { });
            Assert.True(result is { Corruptions: 0, Leaks: 0, CorruptionsFixed: > 256 });
            for (var at = 0; at < 32 << 20; at += 1 << 20)
            {
                await ImageWorld.FillAsync(disk, at, 300_000, 0x77);
            }
            result = await Checker(disk).CheckAsync(ImageRepair.None, static _ => { });
            Assert.True(result is { Corruptions: 0, Leaks: 0 });
            await world.CloseAsync(disk);
        });
        _ = ProgramRun.Of("qemu-img", "check", "-f", "qcow2", image.File).MustSucceed();
    }

    [Fact]
    public void A_corrupt_image_opens_for_a_check_and_is_consistent_after_it()
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", "", "write 0 64k");
        image.Or(72, 2);
        image.Save();
        ImageWorld.Run(async world =>
        {
            var node = await world.Graph.OpenFilenameAsync(
                image.File,
                "qcow2",
                [],
                OpenDefaults.Reference with
                {
                    ForCheck = true,
                }
            );
            Assert.True(Data(node)["corrupt"] is JsonBool { Value: true });
            _ = await Assert.IsAssignableFrom<IImageChecker>(node.Driver).CheckAsync(All, static _ => { });
            Assert.True(Data(node)["corrupt"] is JsonBool { Value: false });
            await world.Graph.ReleaseAsync(node);
        });
        image.Load();
        Assert.Equal(0ul, image.U64(72));
    }

    [Fact]
    public void A_lazy_image_that_was_not_closed_is_repaired_when_it_is_opened()
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", "lazy_refcounts=on");
        var dead = "";
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            await ImageWorld.FillAsync(disk, 0, 300_000, 0x55);
            await ImageWorld.MustAsync(disk.FlushAsync());
            dead = image.Copy("dead.qcow2");
        });
        Assert.Equal(2, ProgramRun.Of("qemu-img", "check", "-f", "qcow2", dead).ExitCode);
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(dead);
            Assert.False(Assert.IsAssignableFrom<IImageInfo>(disk.Node.Driver).IsDirty);
            Assert.All(await ImageWorld.ReadAsync(disk, 0, 300_000), static b => Assert.Equal(0x55, b));
            await ImageWorld.FillAsync(disk, 1 << 20, 300_000, 0x66);
            await world.CloseAsync(disk);
        });
        _ = ProgramRun.Of("qemu-img", "check", "-f", "qcow2", dead).MustSucceed();
    }

    [Fact]
    public void A_check_sees_what_is_still_in_the_caches()
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("1G", "");
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            for (var at = 0L; at < 1L << 30; at += 64 << 20)
            {
                await ImageWorld.FillAsync(disk, at, 65536, 1);
            }
            var lines = new List<string>();
            var result = await Checker(disk).CheckAsync(ImageRepair.None, lines.Add);
            Assert.Empty(lines);
            Assert.Equal(16, result.AllocatedClusters);
            await world.CloseAsync(disk);
        });
    }

    private static IImageChecker Checker(BlockBackend disk) => Assert.IsAssignableFrom<IImageChecker>(disk.Node.Driver);

    private static JsonObject Data(BlockNode node)
    {
        var specific = Assert.IsAssignableFrom<IImageInfo>(node.Driver).GetFormatSpecific()!; // qcow2 has something to tell
        return Assert.IsType<JsonObject>(specific["data"]);
    }
}
