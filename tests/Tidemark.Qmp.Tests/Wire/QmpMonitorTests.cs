using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Client;
using Tidemark.Qmp.Commands;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Events;
using Tidemark.Qmp.Wire;
using Tidemark.Testing;

namespace Tidemark.Qmp.Tests.Wire;

public sealed class QmpMonitorTests
{
    [Fact]
    public void Clients_are_served_one_after_the_other() =>
        LoopTest.RunLoop(async () =>
        {
            var world = new World();
            var (first, second) = (world.Connect(), world.Connect());
            var serving = world.Monitor.RunAsync();
            var one = await QmpClient.ConnectAsync(first);
            Assert.Equal(0, second.PendingBytes);
            await one.DisposeAsync();
            var two = await QmpClient.ConnectAsync(second);
            _ = await two.ExecuteAsync("query-commands");
            await two.DisposeAsync();
            world.Close();
            await serving;
        });

    [Fact]
    public void Two_monitors_get_the_same_events_and_take_turns_with_commands() =>
        LoopTest.RunLoop(async () =>
        {
            var (a, b) = (new World(), new World());
            b.Hub = a.Hub;
            var (left, right) = (a.Connect(), b.Connect());
            var serving = Task.WhenAll(a.Monitor.RunAsync(), b.Monitor.RunAsync());
            var one = await QmpClient.ConnectAsync(left);
            var two = await QmpClient.ConnectAsync(right);
            a.Hub.Publish("SOMETHING", null);
            Assert.Equal("SOMETHING", (await one.WaitEventAsync(_ => true)).GetString("event"));
            Assert.Equal("SOMETHING", (await two.WaitEventAsync(_ => true)).GetString("event"));
            await one.DisposeAsync();
            await two.DisposeAsync();
            a.Close();
            b.Close();
            await serving;
        });

    [Fact]
    public void Stop_ends_the_session_there_is_and_greets_nobody_else() =>
        LoopTest.RunLoop(async () =>
        {
            var world = new World();
            var (first, second) = (world.Connect(), world.Connect());
            var serving = world.Monitor.RunAsync();
            await using var client = await QmpClient.ConnectAsync(first);
            world.Monitor.Stop();
            await serving;
            Assert.Equal(0, second.PendingBytes);
        });

    private sealed class World
    {
        private readonly Queue<ByteChannel> waiting = new();
        private readonly LoopSignal arrived = new();
        private readonly QmpDispatcher dispatcher;
        private QmpMonitor? monitor;
        private bool closed;

        public World()
        {
            var table = new QmpCommandTable(new SchemaDefinitions());
            table.Add(new QueryCommands(table));
            dispatcher = new QmpDispatcher(table);
        }

        public QmpEventHub Hub { get; set; } = new(LoopContext.Current.Time);

        public QmpMonitor Monitor => monitor ??= new QmpMonitor(AcceptAsync, dispatcher, Hub, QmpVersion.Current, pretty: false);

        public MemoryChannel Connect()
        {
            var (client, server) = MemoryChannel.Pair();
            waiting.Enqueue(server);
            return client;
        }

        public void Close()
        {
            closed = true;
            arrived.Wake();
        }

        private async ValueTask<ByteChannel?> AcceptAsync()
        {
            while (waiting.Count == 0 && !closed)
            {
                await arrived.WaitAsync();
            }
            return waiting.TryDequeue(out var channel) ? channel : null;
        }
    }
}
