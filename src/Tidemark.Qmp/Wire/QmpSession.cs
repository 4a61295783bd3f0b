using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Json;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;
using Tidemark.Qmp.Events;

namespace Tidemark.Qmp.Wire;

/// <summary>
/// One client of a monitor, from greeting to hang-up. Three tasks on the loop: one reads and cuts messages, one runs them in order,
/// one sends. What a client can make them hold is bounded: few requests are read ahead, and none is begun while replies pile up.
/// </summary>
public sealed class QmpSession
{
    private readonly ByteChannel channel;
    private readonly QmpDispatcher dispatcher;
    private readonly QmpEventHub events;
    private readonly QmpVersion version;
    private readonly OutputQueue output;
    private readonly Queue<QmpRequest> requests = new();
    private readonly LoopSignal changed = new();
    private bool isNegotiated;
    private bool hasOutOfBand;
    private bool isRunning;
    private bool inputEnded;
    private bool stopping;

    /// <summary>A session over <paramref name="channel"/>, which it closes at its end.</summary>
    public QmpSession(ByteChannel channel, QmpDispatcher dispatcher, QmpEventHub events, QmpVersion version, bool pretty)
    {
        this.channel = channel;
        this.dispatcher = dispatcher;
        this.events = events;
        this.version = version;
        output = new OutputQueue(channel, pretty);
    }

    /// <summary>Serves the client until it hangs up or <see cref="Stop"/> is called. Never throws.</summary>
    public async Task RunAsync()
    {
        dispatcher.Table.Descriptors?.Enter(channel);
        output.Add(Greeting());
        var sender = output.RunAsync();
        var reader = ReadAsync();
        await ExecuteAllAsync();
        events.Unsubscribe(output.Add);
        output.End();
        var time = LoopContext.Current.Time;
        await using (time.CreateTimer(_ => channel.Abort(), null, Limits.FarewellTime, Timeout.InfiniteTimeSpan))
        {
            await sender;
        }
        Abort();
        await reader;
        await channel.DisposeAsync();
        dispatcher.Table.Descriptors?.Leave();
    }

    /// <summary>
    /// Begins no further request. What was replied and published is still sent; the session ends when it is, or when
    /// <see cref="Abort"/> cuts it short.
    /// </summary>
    public void Stop()
    {
        stopping = true;
        changed.Wake();
    }

    /// <summary>Ends the session at once, whatever the client has not read.</summary>
    public void Abort()
    {
        Stop();
        channel.Abort();
    }

    private int MayReadAhead => hasOutOfBand ? Limits.QueuedRequests : 1;

    private JsonObject Greeting() =>
        new()
        {
            ["QMP"] = new JsonObject
            {
                ["version"] = QmpVersion.Codec.Write(version),
                ["capabilities"] = new JsonArray([QmpCapability.Oob.ToWord()]),
            },
        };

    private async Task ReadAsync()
    {
        var parser = new JsonStreamParser(JsonLimits.Default);
        var buffer = new byte[Limits.ReceiveBytes];
        while (!stopping)
        {
            var read = await channel.ReceiveAsync(buffer);
            if (read.IsEnd)
            {
                break;
            }
            await TakeAsync(parser, buffer.AsMemory(0, read.Count));
        }
        inputEnded = true;
        changed.Wake();
    }

    private async ValueTask TakeAsync(JsonStreamParser parser, ReadOnlyMemory<byte> bytes)
    {
        while (TryRead(parser, ref bytes, out var message))
        {
            var request = QmpRequest.From(message, hasOutOfBand);
            if (request.IsOutOfBand && request.Malformed is null)
            {
                output.Add(await dispatcher.DispatchAsync(request));
                continue;
            }
            requests.Enqueue(request);
            changed.Wake();
            while (requests.Count + (isRunning ? 1 : 0) >= MayReadAhead && !stopping)
            {
                await changed.WaitAsync();
            }
        }
    }

    private static bool TryRead(JsonStreamParser parser, ref ReadOnlyMemory<byte> bytes, out JsonMessage message)
    {
        var span = bytes.Span;
        var found = parser.TryRead(ref span, out message);
        bytes = bytes[^span.Length..];
        return found;
    }

    private async ValueTask ExecuteAllAsync()
    {
        while (true)
        {
            await output.WaitBelowAsync(Limits.OutputBytesBeforeWaiting);
            if (stopping || output.IsBroken)
            {
                return;
            }
            if (!requests.TryDequeue(out var request))
            {
                if (inputEnded)
                {
                    return;
                }
                await changed.WaitAsync();
                continue;
            }
            isRunning = true;
            output.Add(
                isNegotiated && request.Command != "qmp_capabilities"
                    ? await dispatcher.DispatchAsync(request with { Sender = channel as IDescriptorChannel })
                    : Negotiate(request)
            );
            isRunning = false;
            changed.Wake();
        }
    }

    /// <summary>Before negotiation there is one command, afterwards all but that one.</summary>
    private JsonObject Negotiate(QmpRequest request)
    {
        if (request.Malformed is not null)
        {
            return request.Refusal(QmpErrorClass.GenericError, request.Malformed);
        }
        if (isNegotiated)
        {
            return request.Refusal(
                QmpErrorClass.CommandNotFound,
                "Capabilities negotiation is already complete, command ignored"
            );
        }
        if (request.Command != "qmp_capabilities")
        {
            return request.Refusal(QmpErrorClass.CommandNotFound, "Expecting capabilities negotiation with 'qmp_capabilities'");
        }
        try
        {
            var arguments = QmpCapabilitiesArguments.Codec.Parse(request.Arguments);
            hasOutOfBand = arguments.Enable?.Contains(QmpCapability.Oob) == true;
        }
        catch (Core.Errors.BlockException error)
        {
            return request.Refusal(QmpErrors.ClassOf(error.Kind), error.Message);
        }
        isNegotiated = true;
        events.Subscribe(output.Add);
        return request.Reply(new JsonObject());
    }
}
