using Tidemark.Block.Graph;
using Tidemark.Core.Json;
using Tidemark.Drivers;
using Tidemark.Exports.Nbd;
using Tidemark.Io;
using Tidemark.Io.Contract;
using Tidemark.Io.Loop;
using Tidemark.Testing;

namespace Tidemark.Exports.Tests;

/// <summary>
/// A graph with an NBD server on a unix socket, on a loop thread of its own, so that real programs can be its clients while the
/// test waits for them.
/// </summary>
internal sealed class ServedGraph : IDisposable
{
    private readonly LoopThread thread = LoopThread.Start("served");
    private readonly IoEngine engine;

    public ServedGraph(int maxConnections = 100, TimeSpan? handshakeTimeout = null, bool startServer = true)
    {
        LoopTest.ThrowOnBrokenInvariants();
        engine = IoEngines.CreateDefault(thread.Loop);
        var drivers = BuiltinDrivers.CreateRegistry();
        drivers.Add(SlowDriver.Definition);
        Graph = new BlockGraph(engine, drivers);
        Registry = new ExportRegistry(Graph) { Deleted = Deleted.Add };
        if (startServer)
        {
            Do(() => Registry.StartNbdServerAsync(new NbdServerOptions(Address, maxConnections, handshakeTimeout)).AsTask());
        }
    }

    public TempFolder Folder { get; } = TempFolder.InMemory();

    public string Socket => Folder.File("nbd");

    public SocketAddress Address => new SocketAddress.Unix(Socket);

    public BlockGraph Graph { get; }

    public ExportRegistry Registry { get; }

    /// <summary>Ids of exports that have ended, in order.</summary>
    public List<string> Deleted { get; } = [];

    public string Uri(string export) => $"nbd+unix:///{export}?socket={Socket}";

    /// <summary>Runs something on the graph's loop and waits for it; throws what it throws.</summary>
    public void Do(Func<Task> work) => thread.InvokeAsync(work).GetAwaiter().GetResult();

    public void Do(Action work) =>
        Do(() =>
        {
            work();
            return Task.CompletedTask;
        });

    /// <summary>A raw file of <paramref name="size"/> bytes, all hole, as node <paramref name="name"/>; returns its path.</summary>
    public string AddFile(string name, long size)
    {
        var path = Folder.File(name + ".raw");
        using (var file = System.IO.File.Create(path))
        {
            file.SetLength(size);
        }
        Add(
            $$"""{"driver": "raw", "node-name": "{{name}}", "discard": "unmap", "file": {"driver": "file", "filename": "{{path}}", "discard": "unmap"} }"""
        );
        return path;
    }

    public void Add(string options) => Do(async () => _ = await Graph.OpenAsync((JsonObject)JsonValue.Parse(options)));

    public void Export(string node, bool writable = true, params string[] bitmaps) =>
        Export(
            new NbdExportOptions(node, node, Writable: writable, Bitmaps: [.. bitmaps.Select(b => new NbdBitmapReference(b))])
        );

    public void Export(NbdExportOptions options) => Do(() => _ = Registry.AddNbd(options));

    public void Dispose()
    {
        Do(async () =>
        {
            await Registry.CloseAllAsync();
            await Graph.DisposeAsync();
            await engine.DisposeAsync();
        });
        thread.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Folder.Dispose();
    }
}
