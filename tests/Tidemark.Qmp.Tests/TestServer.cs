using System.Text;
using Tidemark.Core.Async;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Commands;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;
using Tidemark.Qmp.Events;
using Tidemark.Qmp.Wire;
using Tidemark.Testing;

namespace Tidemark.Qmp.Tests;

/// <summary>A session over a link in memory, with a few commands that behave as a test needs.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly StringBuilder received = new();
    private readonly Task session;
    private readonly Task receiving;

    public TestServer(Random? splitter = null, bool pretty = false, int capacityBytes = 64 * 1024, bool reading = true)
    {
        var table = new QmpCommandTable(new SchemaDefinitions());
        table.Add(new QueryVersion(QmpVersion.Current));
        table.Add(new QueryCommands(table));
        table.Add(new QueryQmpSchema(table));
        table.Add(new NegotiationDone());
        table.Add(new Quit(() => ValueTask.CompletedTask));
        table.Add(new WaitCommand(this));
        table.Add(new NowCommand());
        table.Add(new BigCommand(this));
        Table = table;
        Hub = new QmpEventHub(LoopContext.Current.Time);
        (Client, Server) = MemoryChannel.Pair(splitter, capacityBytes);
        Session = new QmpSession(Server, new QmpDispatcher(table), Hub, QmpVersion.Current, pretty);
        session = Session.RunAsync();
        receiving = reading ? ReceiveAsync() : Task.CompletedTask;
    }

    public QmpCommandTable Table { get; }
    public QmpEventHub Hub { get; }
    public MemoryChannel Client { get; }
    public MemoryChannel Server { get; }
    public QmpSession Session { get; }
    public LoopSignal Gate { get; } = new();
    public int BigReplies { get; private set; }

    public async Task SendAsync(string text) => await Client.SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Waits for the session's end and gives all that came, line by line.</summary>
    public async Task<string[]> FinishAsync()
    {
        await session;
        await receiving;
        return received.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }

    public async Task<string[]> TalkAsync(string text)
    {
        await SendAsync(text);
        Client.CloseSending();
        return await FinishAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Abort();
        Gate.Wake();
        await session;
        await receiving;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[1000];
        while (true)
        {
            var read = await Client.ReceiveAsync(buffer);
            if (read.IsEnd)
            {
                return;
            }
            received.Append(Encoding.UTF8.GetString(buffer, 0, read.Count));
        }
    }

    private sealed class WaitCommand(TestServer server) : QmpCommand<NoArguments>("x-wait", NoArguments.Codec)
    {
        protected override async ValueTask RunAsync(NoArguments arguments)
        {
            await server.Gate.WaitAsync();
            throw new QmpException(QmpErrorClass.DeviceNotActive, "Block job 'x' not found");
        }
    }

    private sealed class NowCommand() : QmpCommand<NoArguments>("x-now", NoArguments.Codec)
    {
        public override bool AllowsOutOfBand => true;

        protected override ValueTask RunAsync(NoArguments arguments) => ValueTask.CompletedTask;
    }

    private sealed class BigCommand(TestServer server)
        : QmpCommand<NoArguments, string>("x-big", NoArguments.Codec, SchemaCodec.String)
    {
        protected override ValueTask<string> RunAsync(NoArguments arguments)
        {
            server.BigReplies++;
            return new(new string('x', 50_000));
        }
    }
}
