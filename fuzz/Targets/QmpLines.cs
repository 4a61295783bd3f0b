using System.Text;
using Tidemark.Block.Graph;
using Tidemark.Control;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Wire;
using Tidemark.Testing;

namespace Tidemark.Fuzz.Targets;

/// <summary>
/// What a QMP client sends, to a monitor with all commands of the daemon: each message has one reply, in order unless it was out of
/// band, with its id; every reply is well formed; no command fails by a fault of ours. Files and sockets are a simulated machine's.
/// </summary>
internal sealed class QmpLines : FuzzTarget
{
    private static readonly string[] Classes = ["GenericError", "CommandNotFound", "DeviceNotActive", "DeviceNotFound"];

    // What a session takes at most, in simulated time: a client that waits longer waits for ever.
    private static readonly TimeSpan LongestSession = TimeSpan.FromDays(1);

    public override string Name => "qmp-lines";

    public override long MemoryBound => 256L << 20;

    public override IReadOnlyList<byte[]> CreateSeeds() => [.. QmpScripts.All.Select(Encoding.UTF8.GetBytes)];

    public override void Run(byte[] input)
    {
        var machine = new SimulatedMachine(input.Length) { SynchronousPercent = 80 };
        machine.WriteFile("/raw", new byte[1 << 20]);
        var stage = "start";
        try
        {
            _ = machine.Run(async engine => Check(input, await TalkAsync(engine, input, reached => stage = reached)));
        }
        catch (SimulatedDeadlockException error)
        {
            throw new InvalidOperationException($"stuck at: {stage}", error);
        }
    }

    private static async Task<byte[]> TalkAsync(IoEngine engine, byte[] input, Action<string> reach)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var context = new ControlContext(graph);
        var table = BuiltinCommands.CreateTable(context, context.ShutDownAsync);
        var (near, far) = MemoryChannel.Pair(input.Length % 2 == 0 ? new Random(input.Length) : null);
        var session = new QmpSession(
            far,
            new QmpDispatcher(table),
            context.Events,
            QmpVersion.Current,
            pretty: input.Length % 3 == 0
        );
        var serving = session.RunAsync();
        var received = new MemoryStream();
        var receiving = DrainAsync(near, received);
        reach("the client's send");
        await using (engine.Loop.Time.CreateTimer(_ => near.Abort(), null, LongestSession, Timeout.InfiniteTimeSpan))
        {
            _ = await near.SendAsync(input);
            near.CloseSending();
            reach("the end of the session");
            await serving;
            await receiving;
        }
        reach("the end of the daemon");
        await context.ShutDownAsync();
        return received.ToArray();
    }

    private static async Task DrainAsync(ByteChannel client, MemoryStream received)
    {
        var buffer = new byte[16 << 10];
        while (await client.ReceiveAsync(buffer) is { IsEnd: false } read)
        {
            received.Write(buffer, 0, read.Count);
        }
    }

    private static void Check(byte[] input, byte[] output)
    {
        var requests = Parse(input);
        var replies = new List<JsonObject>();
        foreach (var message in Parse(output))
        {
            var reply = message.Value as JsonObject ?? throw new InvalidOperationException($"we sent no object: {message.Error}");
            if (!reply.ContainsKey("event") && !reply.ContainsKey("QMP"))
            {
                CheckReply(reply);
                replies.Add(reply);
            }
        }
        Require(replies.Count == requests.Count, $"{requests.Count} requests have {replies.Count} replies");
        var expected = requests.Select(static request => IdOf(request.Value)).ToList();
        var isInBand = requests.TrueForAll(static r => r.Value is not JsonObject o || !o.ContainsKey("exec-oob"));
        foreach (var reply in replies)
        {
            var at = isInBand ? 0 : expected.FindIndex(id => id == IdOf(reply));
            Require(at >= 0 && expected[at] == IdOf(reply), $"a reply has the id {IdOf(reply)}, out of turn");
            expected.RemoveAt(at);
        }
    }

    private static void CheckReply(JsonObject reply)
    {
        Require(
            reply.All(static member => member.Key is "return" or "error" or "id"),
            $"a reply has other members: {reply.ToJson()}"
        );
        Require(reply.ContainsKey("return") != reply.ContainsKey("error"), $"a reply is neither or both: {reply.ToJson()}");
        if (reply.TryGetValue("error", out var error))
        {
            var members = error as JsonObject ?? [];
            Require(Classes.Contains(members.GetString("class")), $"an error of no class: {reply.ToJson()}");
            var text = members.GetString("desc");
            Require(!string.IsNullOrEmpty(text), $"an error without words: {reply.ToJson()}");
            Require(!text!.StartsWith("Internal error", StringComparison.Ordinal), text!);
        }
    }

    private static List<JsonMessage> Parse(ReadOnlySpan<byte> bytes)
    {
        var parser = new JsonStreamParser(JsonLimits.Default);
        var messages = new List<JsonMessage>();
        while (parser.TryRead(ref bytes, out var message))
        {
            messages.Add(message);
        }
        return messages;
    }

    // As text, for a message without an id is answered without one.
    private static string? IdOf(JsonValue? message) =>
        message is JsonObject members && members.TryGetValue("id", out var id) ? id.ToJson() : null;

    private static void Require(bool condition, string finding)
    {
        if (!condition)
        {
            throw new InvalidOperationException(finding);
        }
    }
}
