using Tidemark.Block.Graph;
using Tidemark.Core.Json;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Qmp.Client;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;
using Tidemark.Qmp.Wire;
using Tidemark.Testing;

namespace Tidemark.Control.Tests;

/// <summary>Everything a daemon has but its process: a graph, commands, and a client that talks to them over a link in memory.</summary>
internal sealed class TestDaemon : IAsyncDisposable
{
    private readonly BlockGraph graph;
    private readonly Task session;
    private readonly TempFolder folder = TempFolder.InMemory();

    private TestDaemon(IoEngine engine, MemoryChannel server)
    {
        graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        Context = new ControlContext(graph);
        Table = BuiltinCommands.CreateTable(Context, Context.ShutDownAsync);
        session = new QmpSession(
            server,
            new QmpDispatcher(Table) { ReportFault = Faults.Add },
            Context.Events,
            QmpVersion.Current,
            pretty: false
        ).RunAsync();
    }

    public ControlContext Context { get; }
    public QmpCommandTable Table { get; }
    public List<string> Faults { get; } = [];
    public BlockGraph Graph => graph;
    public string Folder => folder.Path;
    public QmpClient Client { get; private set; } = null!; // Run sets it before the test has the daemon.

    /// <summary>Runs a test's body with a daemon on a loop.</summary>
    public static void Run(Func<TestDaemon, Task> body) =>
        LoopTest.Run(async engine =>
        {
            var (client, server) = MemoryChannel.Pair();
            await using var daemon = new TestDaemon(engine, server);
            daemon.Client = await QmpClient.ConnectAsync(client);
            await body(daemon);
        });

    /// <summary>Runs a command that must succeed; arguments as JSON in the monitor's dialect.</summary>
    public async Task<JsonValue> OkAsync(string command, string arguments = "{}") =>
        await Client.ExecuteAsync(command, (JsonObject)JsonValue.Parse(arguments));

    /// <summary>Runs a command that must be refused; gives the text, with the class before it unless it is the common one.</summary>
    public async Task<string> RefusedAsync(string command, string arguments = "{}")
    {
        var error = await Assert.ThrowsAsync<QmpException>(async () => await OkAsync(command, arguments));
        return error.ErrorClass == QmpErrorClass.GenericError ? error.Message : $"{error.ErrorClass}: {error.Message}";
    }

    /// <summary>A null-co node of 64 MiB.</summary>
    public Task AddNodeAsync(string name, long sizeBytes = 64 << 20) =>
        OkAsync("blockdev-add", $"{{'driver':'null-co','node-name':'{name}','size':{sizeBytes}}}");

    /// <summary>The bitmaps of a node as query-named-block-nodes has them, short: "name count/granularity flags".</summary>
    public async Task<string[]> BitmapsAsync(string node)
    {
        var nodes = (JsonArray)await OkAsync("query-named-block-nodes", "{'flat':true}");
        var found = nodes.Cast<JsonObject>().Single(n => n.GetString("node-name") == node);
        return found.TryGetValue("dirty-bitmaps", out var list) ? [.. ((JsonArray)list).Cast<JsonObject>().Select(Short)] : [];
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await session;
        await Context.ShutDownAsync();
        await graph.DisposeAsync();
        folder.Dispose();
    }

    private static string Short(JsonObject bitmap)
    {
        var flags = ((string[])["recording", "persistent", "busy", "inconsistent"]).Where(flag =>
            bitmap.TryGetValue(flag, out var value) && ((JsonBool)value).Value
        );
        return $"{bitmap.GetString("name")} {bitmap["count"]}/{bitmap["granularity"]} {string.Join(' ', flags)}".TrimEnd();
    }
}
