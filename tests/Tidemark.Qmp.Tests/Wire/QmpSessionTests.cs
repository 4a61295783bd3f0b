using Tidemark.Core.Async;
using Tidemark.Core.Json;
using Tidemark.Testing;

namespace Tidemark.Qmp.Tests.Wire;

public sealed class QmpSessionTests
{
    private const string Negotiate = "{\"execute\":\"qmp_capabilities\"}\n";
    private const string Version = "{\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, \"package\": \"tidemark 0.1.0\"}";

    public static TheoryData<string, string> Requests =>
        new()
        {
            {
                "{'execute':'no-such','id':7}",
                "{\"id\": 7, \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command no-such has not been found\"}}"
            },
            {
                "{'execute':'qmp_capabilities'}",
                Error("CommandNotFound", "Capabilities negotiation is already complete, command ignored")
            },
            {
                "{'execute':'query-version','id':{'any':['json',null,1.5]}}",
                "{\"return\": " + Version + ", \"id\": {\"any\": [\"json\", null, 1.5]}}"
            },
            { "{'execute':'query-version','arguments':{'extra':1}}", Error("GenericError", "Parameter 'extra' is unexpected") },
            {
                "{'execute':'query-version','arguments':[]}",
                Error("GenericError", "QMP input member 'arguments' must be an object")
            },
            { "{'execute':'query-version','unknown':1}", Error("GenericError", "QMP input member 'unknown' is unexpected") },
            { "{'arguments':{}}", Error("GenericError", "QMP input lacks member 'execute'") },
            { "{'execute':5}", Error("GenericError", "QMP input member 'execute' must be a string") },
            {
                "{'id':'x'}",
                "{\"id\": \"x\", \"error\": {\"class\": \"GenericError\", \"desc\": \"QMP input lacks member 'execute'\"}}"
            },
            { "[]", Error("GenericError", "QMP input must be a JSON object") },
            { "{'exec-oob':'x-now'}", Error("GenericError", "QMP input member 'exec-oob' is unexpected") },
            { "{'a':1,}", Error("GenericError", "JSON parse error, expecting value") },
            { "{'execute':'x-now'}", "{\"return\": {}}" },
        };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Requests_get_the_reference_s_replies_however_they_are_split(string request, string reply)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var splitter = seed == 0 ? null : new Random(seed);
            LoopTest.RunLoop(async () =>
            {
                await using var server = new TestServer(splitter);
                var lines = await server.TalkAsync(Negotiate + request + "\n{'execute':'x-now','id':'last'}\n");
                Assert.Equal(
                    [
                        "{\"QMP\": {\"version\": " + Version + ", \"capabilities\": [\"oob\"]}}",
                        "{\"return\": {}}",
                        reply,
                        "{\"return\": {}, \"id\": \"last\"}",
                    ],
                    lines
                );
            });
        }
    }

    [Fact]
    public void Nothing_but_negotiation_works_before_it_and_no_event_comes() =>
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer();
            server.Hub.Publish("EARLY", null);
            var lines = await server.TalkAsync(
                "{'execute':'query-version'}{'execute':'no-such'}{'execute':'qmp_capabilities','arguments':{'enable':['x']}}"
                    + "{'execute':'qmp_capabilities','arguments':{'nonsense':1}}"
                    + Negotiate
            );
            var expecting = Error("CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'");
            Assert.Equal(
                [
                    expecting,
                    expecting,
                    Error("GenericError", "Parameter 'null' does not accept value 'x'"),
                    Error("GenericError", "Parameter 'nonsense' is unexpected"),
                    "{\"return\": {}}",
                ],
                lines[1..]
            );
        });

    [Fact]
    public void Out_of_band_commands_do_not_wait_and_ordinary_ones_do() =>
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer(new Random(3));
            await server.SendAsync(
                "{'execute':'qmp_capabilities','arguments':{'enable':['oob']}}{'execute':'x-wait','id':1}{'execute':'x-now','id':2}"
                    + "{'exec-oob':'x-now','id':3}{'exec-oob':'x-wait','id':4}{'exec-oob':'no-such','id':5}"
                    + "{'execute':'x-now','exec-oob':'x-now'}"
            );
            while (server.Server.PendingBytes > 0)
            {
                await LoopContext.Current.DelayAsync(TimeSpan.FromMilliseconds(1), default);
            }
            await LoopContext.Current.DelayAsync(TimeSpan.FromMilliseconds(5), default);
            server.Gate.Wake();
            server.Client.CloseSending();
            Assert.Equal(
                [
                    "{\"return\": {}, \"id\": 3}",
                    "{\"id\": 4, \"error\": {\"class\": \"GenericError\", \"desc\": \"The command x-wait does not support OOB\"}}",
                    "{\"id\": 5, \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command no-such has not been found\"}}",
                    "{\"id\": 1, \"error\": {\"class\": \"DeviceNotActive\", \"desc\": \"Block job 'x' not found\"}}",
                    "{\"return\": {}, \"id\": 2}",
                    Error("GenericError", "QMP input member 'execute' clashes with 'exec-oob'"),
                ],
                (await server.FinishAsync())[2..]
            );
        });

    [Fact]
    public void Pretty_output_is_indented() =>
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer(pretty: true);
            var lines = await server.TalkAsync(Negotiate);
            Assert.Equal("{\n    \"return\": {\n    }\n}", lines[1]);
        });

    [Fact]
    public void Events_come_in_order_with_their_time_and_stop_with_the_session() =>
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer();
            await server.SendAsync(Negotiate);
            await LoopContext.Current.DelayAsync(TimeSpan.FromMilliseconds(5), default);
            server.Hub.Publish("ONE", new JsonObject { ["id"] = "x" });
            server.Hub.Publish("TWO", null);
            server.Client.CloseSending();
            var lines = await server.FinishAsync();
            server.Hub.Publish("LATE", null);
            var first = (JsonObject)JsonValue.Parse(lines[2]);
            Assert.Equal(["timestamp", "event", "data"], first.Names);
            Assert.Equal(["seconds", "microseconds"], ((JsonObject)first["timestamp"]).Names);
            Assert.Equal("TWO", ((JsonObject)JsonValue.Parse(lines[3])).GetString("event"));
            Assert.Equal(4, lines.Length);
        });

    [Fact]
    public void A_client_that_reads_nothing_gets_no_further_command_run() =>
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer(capacityBytes: 4096, reading: false);
            await server.SendAsync(Negotiate);
            var flood = server.SendAsync(string.Concat(Enumerable.Repeat("{'execute':'x-big'}", 500)));
            await LoopContext.Current.DelayAsync(TimeSpan.FromMilliseconds(50), default);
            Assert.InRange(server.BigReplies, 1, 3);
            Assert.False(flood.IsCompleted);
            server.Client.Abort();
            await flood;
        });

    [Fact]
    public void A_client_that_never_reads_its_events_is_given_up() =>
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer(capacityBytes: 4096, reading: false);
            await server.SendAsync(Negotiate);
            await LoopContext.Current.DelayAsync(TimeSpan.FromMilliseconds(5), default);
            var data = new JsonObject { ["text"] = new string('x', 60_000) };
            for (var i = 0; i < 400; i++)
            {
                server.Hub.Publish("FLOOD", data);
            }
            _ = await server.FinishAsync();
        });

    [Fact]
    public void A_client_that_hangs_up_in_the_middle_ends_the_session() =>
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer();
            await server.SendAsync(Negotiate + "{'execute':");
            server.Client.CloseSending();
            Assert.Equal(2, (await server.FinishAsync()).Length);
        });

    [Fact]
    public void Stop_lets_the_reply_of_the_running_command_out() =>
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer();
            await server.SendAsync(Negotiate + "{'execute':'x-wait','id':1}{'execute':'x-now','id':2}");
            await LoopContext.Current.DelayAsync(TimeSpan.FromMilliseconds(5), default);
            server.Session.Stop();
            server.Gate.Wake();
            var lines = await server.FinishAsync();
            Assert.StartsWith("{\"id\": 1, \"error\"", lines[^1], StringComparison.Ordinal);
        });

    [Fact]
    public void Random_garbage_never_ends_a_session() =>
        LoopTest.RunLoop(async () =>
        {
            const int seed = 99;
            var random = new Random(seed);
            string[] words =
            [
                "{",
                "}",
                "[",
                "]",
                ":",
                ",",
                "'execute'",
                "'x-now'",
                "'id'",
                "'exec-oob'",
                "1",
                "tru",
                "@",
                "\n",
                "'",
                "\"",
                "\\u12",
            ];
            await using var server = new TestServer(random);
            await server.SendAsync(Negotiate);
            for (var round = 0; round < 300; round++)
            {
                await server.SendAsync(
                    string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => words[random.Next(words.Length)]))
                );
            }
            await server.Client.SendAsync(new byte[] { 0xFF, (byte)'\n' });
            var lines = await server.TalkAsync("{'execute':'x-now','id':'end'}");
            Assert.Equal("{\"return\": {}, \"id\": \"end\"}", lines[^1]);
        });

    private static string Error(string errorClass, string text) =>
        "{\"error\": {\"class\": \"" + errorClass + "\", \"desc\": \"" + text + "\"}}";
}
