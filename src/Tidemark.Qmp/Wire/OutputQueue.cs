using System.Buffers;
using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Qmp.Wire;

/// <summary>
/// What is still to be sent to one client. Messages are added at once and sent by one task, many together when the client is
/// slower than they come. A client that lets too much pile up loses its connection.
/// </summary>
internal sealed class OutputQueue(ByteChannel channel, bool pretty)
{
    private readonly LoopSignal changed = new();
    private ArrayBufferWriter<byte> filling = new();
    private ArrayBufferWriter<byte> sending = new();
    private bool ended;

    /// <summary>Bytes not yet handed to the channel, those being sent among them.</summary>
    public int PendingBytes => filling.WrittenCount + sending.WrittenCount;

    /// <summary>Whether the client is gone, or was given up.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Adds a message.</summary>
    public void Add(JsonValue message)
    {
        if (IsBroken || ended)
        {
            return;
        }
        JsonWriter.Write(filling, message, pretty);
        filling.Write("\r\n"u8);
        if (PendingBytes > Limits.OutputBytesAtMost)
        {
            Break();
            channel.Abort();
            return;
        }
        changed.Wake();
    }

    /// <summary>Waits until no more than <paramref name="bytes"/> are pending, or the client is gone.</summary>
    public async ValueTask WaitBelowAsync(int bytes)
    {
        while (PendingBytes > bytes && !IsBroken)
        {
            await changed.WaitAsync();
        }
    }

    /// <summary>Nothing more will be added: <see cref="RunAsync"/> ends once all is sent.</summary>
    public void End()
    {
        ended = true;
        changed.Wake();
    }

    /// <summary>Sends until the end.</summary>
    public async Task RunAsync()
    {
        while (!IsBroken)
        {
            if (filling.WrittenCount == 0)
            {
                if (ended)
                {
                    return;
                }
                await changed.WaitAsync();
                continue;
            }
            (filling, sending) = (sending, filling);
            var status = await channel.SendAsync(sending.WrittenMemory);
            // One huge reply must not keep its memory for as long as the client stays.
            if (sending.Capacity > Limits.OutputBytesBeforeWaiting)
            {
                sending = new ArrayBufferWriter<byte>();
            }
            else
            {
                sending.ResetWrittenCount();
            }
            if (status != IoStatus.Ok)
            {
                Break();
                return;
            }
            changed.Wake();
        }
    }

    private void Break()
    {
        IsBroken = true;
        filling = new ArrayBufferWriter<byte>();
        changed.Wake();
    }
}
