using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Qmp.Client;
using Tidemark.Qmp.Errors;
using Tidemark.Testing;

namespace Tidemark.Qmp.Tests.Client;

public sealed class QmpClientTests
{
    [Fact]
    public void Commands_errors_and_events_reach_their_callers() =>
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer(new Random(5), reading: false);
            await using var client = await QmpClient.ConnectAsync(server.Client);
            Assert.Equal("tidemark 0.1.0", client.Version.GetString("package"));
            server.Hub.Publish("A", null);
            server.Hub.Publish("B", new JsonObject { ["id"] = "1" });
            server.Hub.Publish("B", new JsonObject { ["id"] = "2" });
            Assert.Equal("{}", (await client.ExecuteAsync("x-now")).ToJson());
            var second = await client.WaitEventAsync(e => e.GetString("event") == "B");
            Assert.Equal("1", ((JsonObject)second["data"]).GetString("id"));
            Assert.Equal("A", (await client.WaitEventAsync(_ => true)).GetString("event"));
            Assert.Equal("B", (await client.WaitEventAsync(_ => true)).GetString("event"));
            server.Gate.Wake();
            var error = await Assert.ThrowsAsync<QmpException>(async () => await client.ExecuteAsync("no-such"));
            Assert.Equal(QmpErrorClass.CommandNotFound, error.ErrorClass);
            Assert.Equal("The command no-such has not been found", error.Message);
        });

    [Fact]
    public void A_server_that_goes_away_is_an_error_not_a_hang() =>
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer(reading: false);
            await using var client = await QmpClient.ConnectAsync(server.Client);
            var running = client.ExecuteAsync("x-wait");
            server.Session.Abort();
            server.Gate.Wake();
            await Assert.ThrowsAsync<BlockException>(async () => await running);
            await Assert.ThrowsAsync<BlockException>(async () => await client.ExecuteAsync("x-now"));
            await Assert.ThrowsAsync<BlockException>(async () => await client.WaitEventAsync(_ => true));
        });
}
