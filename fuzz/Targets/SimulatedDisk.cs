using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Drivers;
using Tidemark.Io.Simulated;

namespace Tidemark.Fuzz.Targets;

/// <summary>A machine in memory with one image on it: no input of a target ever reaches a real file or socket.</summary>
internal static class SimulatedDisk
{
    /// <summary>The image's path.</summary>
    public const string Path = "/disk.qcow2";

    /// <summary>Makes an image by its driver, writes into it as <paramref name="fill"/> says, and gives its bytes.</summary>
    public static byte[] Create(JsonObject createOptions, Func<BlockNode, BlockBackend, Task> fill)
    {
        var machine = new SimulatedMachine(1) { SynchronousPercent = 100 };
        _ = machine.Run(async engine =>
        {
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            await graph.Drivers.Require("qcow2").Creation!.CreateFileAsync(graph, Path, createOptions);
            var node = await graph.OpenFilenameAsync(Path, "qcow2", []);
            await using (
                var backend = BlockBackend.Create(
                    node,
                    BlockPermissions.ConsistentRead | BlockPermissions.Write,
                    BlockPermissions.All
                )
            )
            {
                await fill(node, backend);
            }
            await graph.ReleaseAsync(node);
        });
        return machine.ReadFile(Path);
    }

    /// <summary>
    /// Opens the image that <paramref name="input"/> is, and lets <paramref name="use"/> loose on it. Errors of opening and statuses are
    /// right answers; everything else passes through.
    /// </summary>
    public static void Use(byte[] input, JsonObject options, OpenDefaults defaults, Func<BlockNode, Task> use)
    {
        var machine = new SimulatedMachine(1) { SynchronousPercent = 100 };
        machine.WriteFile(Path, input);
        _ = machine.Run(async engine =>
        {
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            try
            {
                var node = await graph.OpenFilenameAsync(Path, "qcow2", options, defaults);
                try
                {
                    await use(node);
                }
                finally
                {
                    await graph.ReleaseAsync(node);
                }
            }
            catch (BlockException)
            {
                // The right answer to a spoilt image.
            }
        });
    }

    /// <summary>Reads what a node says it has, at most some megabytes of it, and a little at its end.</summary>
    public static async Task ReadSomeAsync(BlockNode node)
    {
        const long Most = 4 << 20;
        var buffer = new byte[64 << 10];
        for (var offset = 0L; offset < Math.Min(node.SizeBytes, Most); offset += buffer.Length)
        {
            var length = (int)Math.Min(buffer.Length, node.SizeBytes - offset);
            _ = await node.ReadAsync(new ByteRange(offset, length), buffer.AsMemory(0, length), RequestFlags.None);
            _ = await node.BlockStatusAsync(new ByteRange(offset, length), wantZero: true);
        }
        if (node.SizeBytes > 512)
        {
            _ = await node.ReadAsync(new ByteRange(node.SizeBytes - 512, 512), buffer.AsMemory(0, 512), RequestFlags.None);
        }
    }
}
