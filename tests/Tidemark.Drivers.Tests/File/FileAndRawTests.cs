using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Io.Simulated;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.File;

public sealed class FileAndRawTests
{
    private const BlockPermissions ReadWrite = BlockPermissions.ConsistentRead | BlockPermissions.Write | BlockPermissions.Resize;

    [Fact]
    public void What_is_written_through_raw_is_in_the_file()
    {
        Run(
            new byte[1 << 20],
            async (graph, path) =>
            {
                var node = await OpenRawAsync(graph, path);
                var backend = BlockBackend.Create(node, ReadWrite, BlockPermissions.All);
                Assert.Equal(IoStatus.Ok, await backend.WriteAsync(new ByteRange(5, 3), new byte[] { 1, 2, 3 }));
                Assert.Equal(IoStatus.Ok, await backend.FlushAsync());
                var read = new byte[5];
                Assert.Equal(IoStatus.Ok, await backend.ReadAsync(new ByteRange(4, 5), read));
                Assert.Equal([0, 1, 2, 3, 0], read);
                Assert.Equal([0, 1, 2, 3, 0], (await System.IO.File.ReadAllBytesAsync(path))[4..9]);
                Assert.Equal(IoStatus.IoError, await backend.ReadAsync(new ByteRange((1 << 20) - 1, 2), new byte[2]));
                await backend.DisposeAsync();
                await graph.ReleaseAsync(node);
                Assert.Empty(graph.Nodes);
            }
        );
    }

    [Fact]
    public void What_was_written_is_durable_once_the_node_is_closed()
    {
        var machine = new SimulatedMachine(seed: 1);
        machine.WriteFile("/disk", new byte[4096]);
        var end = machine.Run(async engine =>
        {
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            var node = await OpenRawAsync(graph, "/disk");
            await using (var backend = BlockBackend.Create(node, ReadWrite, BlockPermissions.All))
            {
                Assert.Equal(
                    IoStatus.Ok,
                    await backend.WriteAsync(new ByteRange(0, 4096), Enumerable.Repeat((byte)7, 4096).ToArray())
                );
            }
            await graph.ReleaseAsync(node);
            machine.Crash(CrashKind.PowerLoss);
            await Task.Yield();
        });
        Assert.Equal(RunEnd.Crashed, end);
        Assert.Equal(Enumerable.Repeat((byte)7, 4096), machine.ReadFile("/disk"));
    }

    [Fact]
    public void A_recording_bitmap_holds_what_was_written_even_when_the_write_failed()
    {
        Run(
            new byte[1 << 20],
            async (graph, path) =>
            {
                var node = await OpenRawAsync(graph, path);
                var bitmap = node.Bitmaps.Add("b", 4096);
                var backend = BlockBackend.Create(node, ReadWrite, BlockPermissions.All);
                _ = await backend.WriteAsync(new ByteRange(4095, 2), new byte[2]);
                _ = await backend.WriteZeroesAsync(new ByteRange(65536, 1));
                Assert.Equal(3 * 4096, bitmap.DirtyBytes);
                await backend.DisposeAsync();
                await graph.ReleaseAsync(node);
            }
        );
    }

    [Fact]
    public void A_window_reads_and_writes_at_its_offset()
    {
        Run(
            [.. Enumerable.Range(0, 4096).Select(static i => (byte)(i / 512))],
            async (graph, path) =>
            {
                var options = Options(path);
                options["offset"] = 512;
                options["size"] = 1024;
                var node = await graph.OpenAsync(options);
                Assert.Equal(1024, node.SizeBytes);
                var data = new byte[1024];
                Assert.Equal(IoStatus.Ok, await node.ReadAsync(new ByteRange(0, 1024), data, RequestFlags.None));
                Assert.Equal(1, data[0]);
                Assert.Equal(2, data[1023]);
                await graph.ReleaseAsync(node);
            }
        );
    }

    [Fact]
    public void Resizing_takes_the_bitmaps_along_and_needs_that_nobody_forbids_it()
    {
        Run(
            new byte[1 << 20],
            async (graph, path) =>
            {
                var node = await OpenRawAsync(graph, path);
                var bitmap = node.Bitmaps.Add("b", 65536);
                var backend = BlockBackend.Create(node, ReadWrite, BlockPermissions.All);
                _ = await backend.WriteAsync(new ByteRange((1 << 20) - 1, 1), new byte[1]);
                await backend.TruncateAsync(2 << 20, exact: true, PreallocationMode.Off);
                Assert.Equal(2 << 20, new FileInfo(path).Length);
                Assert.Equal(65536, bitmap.DirtyBytes);
                await backend.TruncateAsync(512 << 10, exact: true, PreallocationMode.Off);
                Assert.Equal(0, bitmap.DirtyBytes);

                var error = Assert.Throws<BlockException>(() =>
                    BlockBackend.Create(node, BlockPermissions.ConsistentRead, BlockPermissions.All & ~BlockPermissions.Resize)
                );
                Assert.Equal(
                    "Permission conflict on node 'top': permissions 'resize' are both required by an unnamed block device "
                        + "(uses node 'top' as 'root' child) and unshared by an unnamed block device (uses node 'top' as 'root' child).",
                    error.Message
                );
                await backend.DisposeAsync();
                await graph.ReleaseAsync(node);
            }
        );
    }

    [Fact]
    public void A_drained_node_holds_requests_back_until_the_section_ends()
    {
        Run(
            new byte[4096],
            async (graph, path) =>
            {
                var node = await OpenRawAsync(graph, path);
                var backend = BlockBackend.Create(node, ReadWrite, BlockPermissions.All);
                var section = await graph.DrainAsync(node);
                var write = backend.WriteAsync(new ByteRange(0, 1), new byte[] { 7 }).AsTask();
                await Task.Yield();
                Assert.False(write.IsCompleted);
                Assert.Equal(0, (await System.IO.File.ReadAllBytesAsync(path))[0]);
                section.Dispose();
                Assert.Equal(IoStatus.Ok, await write);
                Assert.Equal(7, (await System.IO.File.ReadAllBytesAsync(path))[0]);
                await backend.DisposeAsync();
                await graph.ReleaseAsync(node);
            }
        );
    }

    [Fact]
    public void Two_writers_of_one_file_are_refused()
    {
        Run(
            new byte[4096],
            async (graph, path) =>
            {
                var first = await graph.OpenAsync(Options(path));
                var second = Options(path);
                second["node-name"] = "second";
                var firstUser = BlockBackend.Create(first, ReadWrite, BlockPermissions.ConsistentRead);
                var other = await graph.OpenAsync(second);
                var error = Assert.Throws<BlockException>(() =>
                    BlockBackend.Create(other, ReadWrite, BlockPermissions.ConsistentRead)
                );
                Assert.Equal("Failed to get \"write\" lock", error.Message);
                Assert.Equal($"Is another process using the image [{path}]?", error.Hint);
                await firstUser.DisposeAsync();
                await BlockBackend.Create(other, ReadWrite, BlockPermissions.ConsistentRead).DisposeAsync();
                await graph.ReleaseAsync(first);
                await graph.ReleaseAsync(other);
            }
        );
    }

    private static JsonObject Options(string path) =>
        new()
        {
            ["driver"] = "raw",
            ["node-name"] = "top",
            ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = path },
        };

    private static ValueTask<BlockNode> OpenRawAsync(BlockGraph graph, string path) => graph.OpenAsync(Options(path));

    private static void Run(byte[] content, Func<BlockGraph, string, Task> body) =>
        LoopTest.Run(async engine =>
        {
            using var folder = TempFolder.OnDisk();
            var path = Path.Combine(folder.Path, "disk");
            await System.IO.File.WriteAllBytesAsync(path, content);
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            await body(graph, path);
        });
}
