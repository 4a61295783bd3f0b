using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2.Bitmaps;

/// <summary>
/// An image is handed over and taken back on a disk that fails the Nth request, for every N: its bitmap is what it was, or in doubt.
/// Rules P2 and M1.
/// </summary>
public sealed class BitmapActivationTests
{
    private static readonly ByteRange Written = new(5 << 20, 4096);

    [Fact]
    public void A_bitmap_that_could_not_be_read_is_read_again_and_not_taken_for_an_empty_one()
    {
        LoopTest.ThrowOnBrokenInvariants();
        var fired = true;
        for (var n = 1; fired; n++)
        {
            var machine = new SimulatedMachine(n);
            _ = machine.Run(async engine =>
            {
                await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
                await graph
                    .Drivers.Require("qcow2")
                    .Creation!.CreateFileAsync(graph, "/disk", new JsonObject { ["size"] = 16L << 20 }); // qcow2 has creation
                var node = await graph.OpenFilenameAsync("/disk", "qcow2", []);
                _ = node.Bitmaps.Add("b", 4096, persistent: true, recording: true);
                await using (var disk = BlockBackend.Create(node, BlockPermissions.Write, BlockPermissions.All))
                {
                    Assert.Equal(IoStatus.Ok, await disk.WriteAsync(Written, new byte[Written.Length]));
                }
                await graph.InactivateAllAsync(forMigration: false);
                machine.Faults.Fail(SimulatedOperation.FileRequests, n, IoStatus.IoError);
                for (var tries = 0; node.IsInactive; tries++)
                {
                    Assert.InRange(tries, 0, 1);
                    await TryActivateAsync(graph);
                }
                fired = machine.Faults.Fired > 0;
                var bitmap = node.Bitmaps.Find("b");
                Assert.NotNull(bitmap);
                Assert.True(bitmap.IsInconsistent || bitmap.Content.IsAllOnes(Written), $"request {n}");
                Assert.True(bitmap.IsInconsistent || !bitmap.IsReadOnly, $"request {n}");
                machine.Faults.Clear();
                await graph.ReleaseAsync(node);
            });
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public void A_bitmap_that_could_not_be_let_go_takes_note_of_what_is_written_then(int failures)
    {
        LoopTest.ThrowOnBrokenInvariants();
        var fired = true;
        for (var n = 1; fired; n++)
        {
            var machine = new SimulatedMachine(n);
            var wasWritten = false;
            _ = machine.Run(async engine =>
            {
                var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
                await graph
                    .Drivers.Require("qcow2")
                    .Creation!.CreateFileAsync(graph, "/disk", new JsonObject { ["size"] = 16L << 20 }); // qcow2 has creation
                var node = await graph.OpenFilenameAsync("/disk", "qcow2", []);
                _ = node.Bitmaps.Add("b", 4096, persistent: true, recording: true);
                machine.Faults.Fail(SimulatedOperation.FileRequests, n, IoStatus.IoError, times: failures);
                try
                {
                    await graph.InactivateAllAsync(forMigration: false);
                }
                catch (BlockException)
                {
                    // It stays with us, and goes on being written to.
                }
                fired = machine.Faults.Fired > 0;
                machine.Faults.Clear();
                if (!node.IsInactive)
                {
                    await using var disk = BlockBackend.Create(node, BlockPermissions.Write, BlockPermissions.All);
                    var status = await disk.WriteAsync(Written, new byte[Written.Length]);
                    wasWritten = status == IoStatus.Ok && await disk.FlushAsync() == IoStatus.Ok;
                }
                machine.Crash(CrashKind.ProcessKill);
            });
            _ = machine.Run(async engine =>
            {
                await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
                var node = await graph.OpenFilenameAsync("/disk", "qcow2", new JsonObject { ["read-only"] = true });
                Assert.True(
                    !wasWritten || node.Bitmaps.Find("b") is null or { IsInconsistent: true },
                    $"request {n} and {failures - 1} more: the bitmap misses what was written"
                );
                await graph.ReleaseAsync(node);
            });
        }
    }

    private static async Task TryActivateAsync(BlockGraph graph)
    {
        try
        {
            await graph.ActivateAllAsync();
        }
        catch (BlockException)
        {
            // The disk's users try again.
        }
    }
}
