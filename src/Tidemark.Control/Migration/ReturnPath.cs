using System.Buffers.Binary;
using Tidemark.Core.Async;
using Tidemark.Core.Channels;

namespace Tidemark.Control.Migration;

/// <summary>
/// What a destination answers on the connection that brings the migration: a type and a length of two bytes each, then the payload.
/// Only the end of it matters here; answers to pings are let pass.
/// </summary>
internal sealed class ReturnPath(ByteChannel channel)
{
    private const ushort Shut = 1;
    private const ushort Pong = 2;
    private const int HeaderBytes = 4;
    private const int PayloadBytes = 4;
    private readonly LoopSignal ended = new();
    private bool hasEnded;
    private bool isGood;

    /// <summary>Begins to listen.</summary>
    public void Start() => _ = ListenAsync();

    /// <summary>Nobody waits any more.</summary>
    public void Stop() => End(isGood);

    /// <summary>Waits for the destination's last word: whether it has loaded everything.</summary>
    public async ValueTask<bool> WaitForEndAsync()
    {
        while (!hasEnded)
        {
            await ended.WaitAsync();
        }
        return isGood;
    }

    /// <summary>A destination's answer to a ping.</summary>
    public static byte[] PongMessage(ReadOnlySpan<byte> number) => [0, (byte)Pong, 0, PayloadBytes, .. number];

    /// <summary>A destination's last word.</summary>
    public static byte[] ShutMessage(bool good) => [0, (byte)Shut, 0, PayloadBytes, 0, 0, 0, good ? (byte)0 : (byte)1];

    private async Task ListenAsync()
    {
        var message = new byte[HeaderBytes + PayloadBytes];
        var filled = 0;
        while (!hasEnded)
        {
            var read = await channel.ReceiveAsync(message.AsMemory(filled));
            if (read.IsEnd)
            {
                End(good: false);
                return;
            }
            filled += read.Count;
            if (filled < message.Length)
            {
                continue;
            }
            filled = 0;
            var (type, length) = (
                BinaryPrimitives.ReadUInt16BigEndian(message),
                BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(2))
            );
            if (length != PayloadBytes || type is not (Shut or Pong))
            {
                End(good: false);
            }
            else if (type == Shut)
            {
                End(BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(HeaderBytes)) == 0);
            }
        }
    }

    private void End(bool good)
    {
        if (!hasEnded)
        {
            (hasEnded, isGood) = (true, good);
            ended.Wake();
        }
    }
}
