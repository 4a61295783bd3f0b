using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.File;

/// <summary>
/// Driver host_device, on a loop device where this machine gives us one: what discards and zeroes do there shows in the file behind
/// it. What is refused to whom needs no device but /dev/null.
/// </summary>
public sealed class HostDeviceTests
{
    private const int Size = 8 << 20;

    [Theory]
    [InlineData("file", "/dev/null", "'file' driver requires '/dev/null' to be a regular file")]
    [InlineData("file", "/tmp", "'file' driver requires '/tmp' to be a regular file")]
    [InlineData("host_device", "/tmp", "'host_device' driver requires '/tmp' to be either a character or block device")]
    public void Each_driver_refuses_what_is_the_others(string driver, string path, string text) =>
        LoopTest.Run(async engine =>
        {
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            var options = new JsonObject
            {
                ["driver"] = driver,
                ["filename"] = path,
                ["read-only"] = true,
            };
            var refusal = await Assert.ThrowsAsync<BlockException>(async () => await graph.OpenAsync(options));
            Assert.Equal(text, refusal.Message);
            Assert.Empty(graph.Nodes);
        });

    [Theory]
    [InlineData("/dev/null", "host_device")]
    [InlineData("host_device:/dev/null", "host_device")]
    [InlineData("/etc/passwd", "file")]
    public void A_path_means_the_driver_of_what_is_there(string filename, string driver) =>
        Assert.Equal(driver, FilenameParser.ToOptions(BuiltinDrivers.CreateRegistry(), filename).GetString("driver"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Zeroes_and_discards_reach_the_device(bool direct) =>
        OnLoopDevice(
            async (graph, path, behind) =>
            {
                var options = new JsonObject
                {
                    ["discard"] = "unmap",
                    ["cache"] = new JsonObject { ["direct"] = direct },
                };
                var node = await graph.OpenFilenameAsync(path, "raw", options);
                Assert.Equal(Size, node.SizeBytes);
                var backend = BlockBackend.Create(node, BlockPermissions.All & ~BlockPermissions.Resize, BlockPermissions.All);
                var data = new byte[1 << 20];
                data.AsSpan().Fill(7);
                Assert.Equal(IoStatus.Ok, await backend.WriteAsync(new ByteRange(0, data.Length), data));
                Assert.Equal(IoStatus.Ok, await backend.FlushAsync());
                var before = AllocatedOf(behind);
                Assert.Equal(IoStatus.Ok, await backend.WriteZeroesAsync(new ByteRange(0, 128 << 10)));
                Assert.Equal(
                    IoStatus.Ok,
                    await backend.WriteZeroesAsync(new ByteRange(256 << 10, 128 << 10), RequestFlags.MayUnmap)
                );
                Assert.Equal(IoStatus.Ok, await backend.DiscardAsync(new ByteRange(512 << 10, 256 << 10)));
                // Zeroes that begin and end within a sector.
                Assert.Equal(IoStatus.Ok, await backend.WriteZeroesAsync(new ByteRange((900 << 10) + 5, 1000)));
                Assert.Equal(IoStatus.Ok, await backend.FlushAsync());
                Assert.True(AllocatedOf(behind) < before, "the file behind the device has a hole");
                var read = new byte[data.Length];
                Assert.Equal(IoStatus.Ok, await backend.ReadAsync(new ByteRange(0, read.Length), read));
                data.AsSpan(0, 128 << 10).Clear();
                data.AsSpan(256 << 10, 128 << 10).Clear();
                data.AsSpan(512 << 10, 256 << 10).Clear();
                data.AsSpan((900 << 10) + 5, 1000).Clear();
                Assert.True(data.AsSpan().SequenceEqual(read));
                Assert.Equal(IoStatus.IoError, await backend.WriteAsync(new ByteRange(Size, 512), new byte[512]));
                await backend.DisposeAsync();
                await graph.ReleaseAsync(node);
            }
        );

    [Fact]
    public void An_image_is_made_on_a_device_that_is_large_enough() =>
        OnLoopDevice(
            async (graph, path, behind) =>
            {
                var raw = graph.Drivers.Require("raw").Creation!; // raw has creation
                var refusal = await Assert.ThrowsAsync<BlockException>(async () =>
                    await raw.CreateFileAsync(graph, path, new JsonObject { ["size"] = $"{2L * Size}" })
                );
                Assert.Equal("Cannot grow device files", refusal.Message);
                var qcow2 = graph.Drivers.Require("qcow2").Creation!; // qcow2 has creation
                await qcow2.CreateFileAsync(graph, path, new JsonObject { ["size"] = 1L << 30 });
                var node = await graph.OpenFilenameAsync(path, null, []);
                Assert.Equal("qcow2", node.Definition.Name);
                Assert.Equal("host_device", node.PrimaryChild?.Node.Definition.Name);
                var backend = BlockBackend.Create(node, BlockPermissions.All, BlockPermissions.All);
                Assert.Equal(IoStatus.Ok, await backend.WriteAsync(new ByteRange(5 << 20, 4), "data"u8.ToArray()));
                // More than the device has room for.
                Assert.Equal(IoStatus.NoSpace, await backend.WriteAsync(new ByteRange(64 << 20, 2 * Size), new byte[2 * Size]));
                await backend.DisposeAsync();
                await graph.ReleaseAsync(node);
                Assert.True(AllocatedOf(behind) > 0);
                await raw.CreateFileAsync(graph, path, new JsonObject { ["size"] = $"{Size}" });
                node = await graph.OpenFilenameAsync(path, null, []);
                Assert.Equal("raw", node.Definition.Name);
                await graph.ReleaseAsync(node);
            }
        );

    private static long AllocatedOf(string path) =>
        long.Parse(
            ProgramRun.Of("stat", "-c", "%b", path).MustSucceed().Output,
            System.Globalization.CultureInfo.InvariantCulture
        );

    private static void OnLoopDevice(Func<BlockGraph, string, string, Task> body)
    {
        using var folder = TempFolder.OnDisk();
        var behind = folder.File("behind");
        System.IO.File.WriteAllBytes(behind, new byte[Size]);
        var losetup = System.IO.File.Exists("/usr/sbin/losetup") ? "/usr/sbin/losetup" : "/sbin/losetup";
        Assert.SkipUnless(System.IO.File.Exists(losetup), "losetup is not installed");
        var made = ProgramRun.Of(losetup, "-f", "--show", behind);
        Assert.SkipUnless(made.ExitCode == 0, "loop devices are not to be had here");
        var device = made.Output.Trim();
        try
        {
            LoopTest.Run(async engine =>
            {
                await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
                await body(graph, device, behind);
            });
        }
        finally
        {
            _ = ProgramRun.Of(losetup, "-d", device);
        }
    }
}
