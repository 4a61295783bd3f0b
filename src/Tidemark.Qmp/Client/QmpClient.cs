using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Qmp.Errors;
using Tidemark.Qmp.Wire;

namespace Tidemark.Qmp.Client;

/// <summary>
/// A client of any QMP server, ours or QEMU's: one command at a time, events kept for whoever waits for them. Belongs to one loop.
/// </summary>
public sealed class QmpClient : IAsyncDisposable
{
    private readonly ByteChannel channel;
    private readonly JsonStreamParser parser = new(JsonLimits.Default);
    private readonly Queue<JsonObject> events = new();
    private readonly LoopSignal arrived = new();
    private readonly LoopMutex turn = new();
    private Completion<JsonObject?>? reply;
    private Task reading = Task.CompletedTask;
    private long lastId;
    private string? broken;

    private QmpClient(ByteChannel channel) => this.channel = channel;

    /// <summary>What the server's greeting told of its version.</summary>
    public JsonObject Version { get; private set; } = [];

    /// <summary>
    /// Reads the greeting and negotiates. The client owns the channel. Throws <see cref="BlockException"/> if the peer is no QMP
    /// server or hangs up.
    /// </summary>
    public static async ValueTask<QmpClient> ConnectAsync(ByteChannel channel)
    {
        var client = new QmpClient(channel) { reply = new Completion<JsonObject?>() };
        client.reading = client.ReadAsync();
        var greeting = await client.reply.Task;
        if (greeting is null || !greeting.TryGetValue("QMP", out var banner) || banner is not JsonObject members)
        {
            await client.DisposeAsync();
            throw new BlockException(BlockErrorKind.Io, $"{channel.Peer} is not a QMP server");
        }
        client.Version = members.TryGetValue("version", out var version) && version is JsonObject told ? told : [];
        client.reply = null;
        _ = await client.ExecuteAsync("qmp_capabilities");
        return client;
    }

    /// <summary>
    /// Runs a command and gives what it returned. Throws <see cref="QmpException"/> with the server's class and text if it was refused,
    /// <see cref="BlockException"/> if the connection broke.
    /// </summary>
    public async ValueTask<JsonValue> ExecuteAsync(string command, JsonObject? arguments = null)
    {
        await turn.EnterAsync();
        try
        {
            return await ExecuteAloneAsync(command, arguments);
        }
        finally
        {
            turn.Exit();
        }
    }

    /// <summary>
    /// The next event, of those not taken yet, that <paramref name="wanted"/> accepts; others stay. Throws <see cref="BlockException"/>
    /// when the connection breaks before it comes.
    /// </summary>
    public async ValueTask<JsonObject> WaitEventAsync(Func<JsonObject, bool> wanted)
    {
        while (true)
        {
            for (var left = events.Count; left > 0; left--)
            {
                var candidate = events.Dequeue();
                if (wanted(candidate))
                {
                    // Put the rest back in order behind those already passed over.
                    for (left--; left > 0; left--)
                    {
                        events.Enqueue(events.Dequeue());
                    }
                    return candidate;
                }
                events.Enqueue(candidate);
            }
            ThrowIfBroken();
            await arrived.WaitAsync();
        }
    }

    /// <summary>Hangs up.</summary>
    public async ValueTask DisposeAsync()
    {
        channel.Abort();
        await reading;
        await channel.DisposeAsync();
    }

    private async ValueTask<JsonValue> ExecuteAloneAsync(string command, JsonObject? arguments)
    {
        ThrowIfBroken();
        var request = new JsonObject { ["execute"] = command };
        if (arguments is not null)
        {
            request["arguments"] = arguments;
        }
        request["id"] = ++lastId;
        reply = new Completion<JsonObject?>();
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        JsonWriter.Write(output, request);
        output.GetSpan(1)[0] = (byte)'\n';
        output.Advance(1);
        if (await channel.SendAsync(output.WrittenMemory) != IoStatus.Ok)
        {
            channel.Abort();
        }
        var answer = await reply.Task;
        reply = null;
        if (answer is null)
        {
            ThrowIfBroken();
        }
        if (answer is not null && answer.TryGetValue("return", out var result))
        {
            return result;
        }
        var error = answer is not null && answer.TryGetValue("error", out var told) ? told as JsonObject : null;
        _ = Enum.TryParse<QmpErrorClass>(error?.GetString("class"), out var errorClass);
        throw new QmpException(errorClass, error?.GetString("desc") ?? "The reply is neither result nor error");
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[Limits.ReceiveBytes];
        while (true)
        {
            var read = await channel.ReceiveAsync(buffer);
            if (read.IsEnd)
            {
                break;
            }
            TakeAll(buffer.AsSpan(0, read.Count));
        }
        broken = $"The connection to {channel.Peer} ended";
        _ = reply?.TrySet(null);
        arrived.Wake();
    }

    private void TakeAll(ReadOnlySpan<byte> bytes)
    {
        while (parser.TryRead(ref bytes, out var message))
        {
            if (message.Value is not JsonObject members)
            {
                channel.Abort();
                return;
            }
            if (!members.ContainsKey("event"))
            {
                _ = reply?.TrySet(members);
                continue;
            }
            // Whoever waits for none of them must not keep them all.
            if (events.Count == Limits.ClientEvents)
            {
                _ = events.Dequeue();
            }
            events.Enqueue(members);
            arrived.Wake();
        }
    }

    private void ThrowIfBroken()
    {
        if (broken is not null)
        {
            throw new BlockException(BlockErrorKind.Io, broken);
        }
    }
}
