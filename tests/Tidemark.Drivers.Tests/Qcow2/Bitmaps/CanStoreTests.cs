using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2.Bitmaps;

/// <summary>Which bitmaps an image takes, in the reference's words. Contract B3, B7, P1.</summary>
public sealed class CanStoreTests
{
    [Theory]
    [InlineData("4M", "", "b", 512, "")]
    [InlineData("4M", "compat=0.10", "b", 65536, "Cannot store dirty bitmaps in qcow2 v2 files")]
    [InlineData("2T", "", "b", 512, "")]
    [InlineData("4T", "", "b", 512, "Too much space will be occupied by the bitmap. Use larger granularity")]
    [InlineData("4T", "", "b", 1024, "")]
    [InlineData("4M", "", "long", 65536, "Name length exceeds maximum (1023 characters)")]
    public void A_bitmap_is_refused_as_by_the_real_program(
        string size,
        string options,
        string name,
        int granularity,
        string reason
    )
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        name = name == "long" ? new string('é', 512) : name;
        using var image = new PatchedImage(size, options);
        var real = ProgramRun.Of("qemu-img", "bitmap", "--add", "-g", $"{granularity}", image.Copy("real.qcow2"), name);
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            var store = Assert.IsAssignableFrom<IBitmapStore>(disk.Node.Driver);
            var ours = "";
            try
            {
                await store.CheckCanStoreAsync(name, granularity);
            }
            catch (BlockException error)
            {
                ours = error.Message;
            }
            Assert.Equal(
                reason.Length == 0 ? "" : $"Can't make bitmap '{name}' persistent in '{disk.Node.Name}': {reason}",
                ours
            );
            Assert.Equal(reason.Length == 0, real.ExitCode == 0);
            Assert.Contains(reason, real.Errors);
            await world.CloseAsync(disk);
        });
    }

    [Fact]
    public void The_directory_takes_65535_bitmaps()
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("64k", "");
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            for (var i = 0; i < 65535; i++)
            {
                _ = disk.Node.Bitmaps.Add($"{i}", 65536, persistent: true, recording: false);
            }
            var store = Assert.IsAssignableFrom<IBitmapStore>(disk.Node.Driver);
            var error = await Assert.ThrowsAsync<BlockException>(async () => await store.CheckCanStoreAsync("last", 65536));
            Assert.EndsWith("Maximum number of persistent bitmaps is already reached", error.Message);
            // Taken away again: storing so many takes a file of 4 GiB.
            disk.Node.Bitmaps.RemoveAll();
            await world.CloseAsync(disk);
        });
    }
}
