using System.Buffers.Binary;
using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;

namespace Tidemark.Fuzz.Targets;

/// <summary>
/// A channel whose other end says what was written down before: turns, each of two bytes of length and as many bytes, which come
/// when the client has sent something, or when it has waited for a while. After the last the other end hangs up.
/// </summary>
internal sealed class PlayedServer(ReadOnlyMemory<byte> turns, LoopContext loop) : ByteChannel
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(10);

    private readonly LoopSignal changed = new();
    private ReadOnlyMemory<byte> left = turns;
    private ReadOnlyMemory<byte> turn;
    private bool mayAnswer = true; // the server speaks first
    private bool ended;

    public override string Peer => "script";

    public override async ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target)
    {
        if (turn.IsEmpty)
        {
            await WaitForTurnAsync();
        }
        if (ended || turn.IsEmpty)
        {
            return new ChannelRead(IoStatus.Ok, 0);
        }
        var count = Math.Min(turn.Length, target.Length);
        turn[..count].CopyTo(target);
        turn = turn[count..];
        return new ChannelRead(IoStatus.Ok, count);
    }

    public override ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data)
    {
        mayAnswer = true;
        changed.Wake();
        return new(ended ? IoStatus.BrokenPipe : IoStatus.Ok);
    }

    public override void Abort()
    {
        ended = true;
        changed.Wake();
    }

    public override ValueTask DisposeAsync()
    {
        Abort();
        return ValueTask.CompletedTask;
    }

    private async ValueTask WaitForTurnAsync()
    {
        await using (loop.Time.CreateTimer(_ => changed.Wake(), null, Patience, Timeout.InfiniteTimeSpan))
        {
            if (!mayAnswer && !ended)
            {
                await changed.WaitAsync();
            }
        }
        mayAnswer = false;
        if (left.Length >= sizeof(ushort))
        {
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(left.Span), left.Length - sizeof(ushort));
            turn = left.Slice(sizeof(ushort), length);
            left = left[(sizeof(ushort) + length)..];
        }
        else
        {
            left = default;
        }
    }
}
