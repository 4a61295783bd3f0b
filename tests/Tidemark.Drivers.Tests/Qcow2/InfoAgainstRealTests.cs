using System.Text.Json;
using Tidemark.Block.Contract;
using Tidemark.Core.Json;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>What an image tells about itself is what qemu-img info tells, keys in the same order.</summary>
public sealed class InfoAgainstRealTests
{
    [Theory]
    [InlineData("")]
    [InlineData("compat=0.10")]
    [InlineData("lazy_refcounts=on,cluster_size=4k")]
    [InlineData("refcount_bits=1,compression_type=zstd")]
    [InlineData("refcount_bits=64", "on")]
    [InlineData("", "on", "-off")]
    public void It_is_what_the_real_program_tells(string options, params string[] bitmaps)
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", options);
        foreach (var name in bitmaps)
        {
            image.QemuImg([
                "bitmap",
                "--add",
                .. name[0] == '-' ? new[] { "--disable" } : [],
                "-g",
                "4k",
                "--",
                image.File,
                name,
            ]);
        }
        Compare(image.File);
        ImageWorld.Run(async world =>
        {
            _ = await world.OpenAsync(image.File);
            // As a process that died would leave it: bitmaps in use.
            Compare(image.Copy("dead.qcow2"));
        });
    }

    private static void Compare(string image)
    {
        var run = ProgramRun.Of("qemu-img", "info", "--output=json", "-f", "qcow2", image).MustSucceed();
        var real = JsonSerializer.Serialize(JsonDocument.Parse(run.Output).RootElement.GetProperty("format-specific"));
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image, new JsonObject { ["read-only"] = true });
            var info = Assert.IsAssignableFrom<IImageInfo>(disk.Node.Driver);
            var ours = JsonDocument.Parse(info.GetFormatSpecific()!.ToString()!).RootElement; // qcow2 has something to tell
            Assert.Equal(real, JsonSerializer.Serialize(ours));
            Assert.False(info.IsDirty);
            await world.CloseAsync(disk);
        });
    }
}
