using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Io.Simulated;

namespace Tidemark.Drivers.Tests.Filters;

// Goal: whoever stands above an image that can't tell what it has does not take that for zeroes: a guest would read them, a backup keep them.
public sealed class FailedStatusTests
{
    private const string Path = "/disk";

    [Theory]
    [InlineData("raw")]
    [InlineData("copy-on-read")]
    [InlineData("compress")]
    public void What_an_image_below_can_not_tell_is_an_error_and_not_zeroes(string driver)
    {
        var machine = new SimulatedMachine(1) { SynchronousPercent = 100 };
        _ = machine.Run(async engine =>
        {
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            await graph.Drivers.Require("qcow2").Creation!.CreateFileAsync(graph, Path, new() { ["size"] = 1 << 20 }); // it makes images
            var node = await graph.OpenFilenameAsync(Path, "qcow2", []);
            await using (var disk = BlockBackend.Create(node, BlockPermissions.All, BlockPermissions.All))
            {
                Assert.Equal(IoStatus.Ok, await disk.WriteAsync(new ByteRange(0, 1 << 20), new byte[1 << 20]));
            }
            await graph.ReleaseAsync(node);
        });
        _ = machine.Run(async engine =>
        {
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            var node = await graph.OpenAsync(
                new JsonObject
                {
                    ["driver"] = driver,
                    ["file"] = new JsonObject
                    {
                        ["driver"] = "qcow2",
                        ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = Path },
                    },
                }
            );
            machine.Faults.Fail(SimulatedOperation.Read, 1, IoStatus.IoError, Path, times: 100);
            var range = new ByteRange(0, 1 << 20);
            Assert.Equal(IoStatus.IoError, (await node.BlockStatusAsync(range, wantZero: true)).Status);
            var above = (await node.BlockStatusAboveAsync(null, includeBase: false, range, wantZero: true)).Block;
            Assert.Equal(IoStatus.IoError, above.Status);
            Assert.False(above.IsZero);
            machine.Faults.Clear();
            Assert.False((await node.BlockStatusAsync(range, wantZero: true)).IsZero);
            await graph.ReleaseAsync(node);
        });
    }
}
