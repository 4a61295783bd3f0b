using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Drivers;
using Tidemark.Io.Contract;

namespace Tidemark.Simulation.Tests;

/// <summary>A backup's image on the simulated disk, and what it must hold for ever once it is known.</summary>
internal sealed record BackupImage(string Path, string Format)
{
    /// <summary>What it restores to; null until a restore has been judged.</summary>
    public uint[]? Content { get; set; }

    /// <summary>Restores: opens the image, with whatever is below it, in a graph of its own, and reads it all.</summary>
    public static async Task<uint[]> RestoreAsync(IoEngine engine, string path, string format, string what)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var node = await graph.OpenFilenameAsync(path, format, new JsonObject { ["read-only"] = true });
        var content = await ReadAllAsync(node, what);
        await graph.ReleaseAsync(node);
        return content;
    }

    /// <summary>All cells of a node.</summary>
    public static async Task<uint[]> ReadAllAsync(BlockNode node, string what)
    {
        var bytes = new byte[node.SizeBytes];
        await using var reader = BlockBackend.Create(node, BlockPermissions.ConsistentRead, BlockPermissions.All);
        Assert.Equal(IoStatus.Ok, await reader.ReadAsync(new ByteRange(0, bytes.Length), bytes));
        return Cells.Read(bytes, what);
    }
}
