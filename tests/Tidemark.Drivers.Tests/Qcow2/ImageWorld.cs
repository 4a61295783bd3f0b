using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>A graph over real files, for tests of the driver; the images lie in a folder of the test.</summary>
internal sealed class ImageWorld : IAsyncDisposable
{
    private readonly List<(BlockNode Node, BlockBackend Backend)> open = [];

    /// <summary>A world on a loop that runs already; the caller disposes it there.</summary>
    public ImageWorld(IoEngine engine)
    {
        Graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry()) { Warn = Warnings.Add };
    }

    public BlockGraph Graph { get; }

    public List<string> Warnings { get; } = [];

    /// <summary>Runs a test body with a world on a loop.</summary>
    public static void Run(Func<ImageWorld, Task> body) =>
        LoopTest.Run(async engine =>
        {
            await using var world = new ImageWorld(engine);
            await body(world);
        });

    /// <summary>Makes an image as qemu-img create does; options in its words ("cluster_size").</summary>
    public ValueTask CreateAsync(string path, long size, params (string Key, JsonValue Value)[] options)
    {
        var described = new JsonObject { ["size"] = size };
        foreach (var (key, value) in options)
        {
            described[key] = value;
        }
        return Graph.Drivers.Require("qcow2").Creation!.CreateFileAsync(Graph, path, described); // qcow2 has creation
    }

    /// <summary>Opens an image for reading and writing, or whatever the options say.</summary>
    public async ValueTask<BlockBackend> OpenAsync(string path, JsonObject? options = null)
    {
        options ??= [];
        _ = options.TryAdd("discard", "unmap");
        var node = await Graph.OpenFilenameAsync(path, "qcow2", options);
        var wanted = node.IsReadOnly ? BlockPermissions.ConsistentRead : BlockPermissions.All;
        var backend = BlockBackend.Create(node, wanted, BlockPermissions.All);
        open.Add((node, backend));
        return backend;
    }

    /// <summary>Closes an image.</summary>
    public async ValueTask CloseAsync(BlockBackend backend)
    {
        var index = open.FindIndex(o => ReferenceEquals(o.Backend, backend));
        var (node, _) = open[index];
        open.RemoveAt(index);
        await backend.DisposeAsync();
        await Graph.ReleaseAsync(node);
    }

    /// <summary>Makes an image's request and expects it to go well.</summary>
    public static async Task MustAsync(ValueTask<IoStatus> request) => Assert.Equal(IoStatus.Ok, await request);

    /// <summary>Writes a run of one byte.</summary>
    public static Task FillAsync(BlockBackend image, long offset, int length, byte value)
    {
        var data = new byte[length];
        data.AsSpan().Fill(value);
        return MustAsync(image.WriteAsync(new ByteRange(offset, length), data));
    }

    /// <summary>Reads bytes.</summary>
    public static async Task<byte[]> ReadAsync(BlockBackend image, long offset, int length)
    {
        var data = new byte[length];
        await MustAsync(image.ReadAsync(new ByteRange(offset, length), data));
        return data;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (node, backend) in open)
        {
            await backend.DisposeAsync();
            await Graph.ReleaseAsync(node);
        }
        await Graph.DisposeAsync();
    }
}
