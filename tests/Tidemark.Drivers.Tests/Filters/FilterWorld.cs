using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Filters;

/// <summary>A graph over files of a folder, with a disk and a user of it.</summary>
internal sealed class FilterWorld(BlockGraph graph, TempFolder folder)
{
    public BlockGraph Graph { get; } = graph;

    public static void Run(Func<FilterWorld, Task> body)
    {
        using var folder = TempFolder.InMemory();
        LoopTest.Run(async engine =>
        {
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            await body(new FilterWorld(graph, folder));
        });
    }

    /// <summary>A file of the folder.</summary>
    public string File(string name) => folder.File(name);

    /// <summary>Makes a file full of <paramref name="pattern"/>.</summary>
    public void Make(string name, int size, byte pattern)
    {
        var bytes = new byte[size];
        bytes.AsSpan().Fill(pattern);
        System.IO.File.WriteAllBytes(File(name), bytes);
    }

    /// <summary>Opens a node from options in which '@' stands for the folder.</summary>
    public ValueTask<BlockNode> OpenAsync(string json) =>
        Graph.OpenAsync((JsonObject)JsonValue.Parse(json.Replace("@", folder.Path, StringComparison.Ordinal)));

    /// <summary>Opens a node, uses it and closes it.</summary>
    public async Task UseAsync(string json, Func<BlockBackend, Task> use)
    {
        var node = await OpenAsync(json);
        await using (var user = Use(node))
        {
            await use(user);
        }
        await Graph.ReleaseAsync(node);
    }

    public static BlockBackend Use(BlockNode node) =>
        BlockBackend.Create(node, BlockPermissions.ConsistentRead | BlockPermissions.Write, BlockPermissions.All);

    public static ValueTask<IoStatus> WriteAsync(BlockBackend user, long offset, int length, byte pattern = 1)
    {
        var data = new byte[length];
        data.AsSpan().Fill(pattern);
        return user.WriteAsync(new ByteRange(offset, length), data);
    }

    public static ValueTask<IoStatus> ReadAsync(BlockBackend user, long offset, int length) =>
        user.ReadAsync(new ByteRange(offset, length), new byte[length]);
}
