using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Simulation.Tests;

/// <summary>The way between two machines: slow, in pieces of any size, and perhaps broken after some byte.</summary>
internal sealed class Link(Round round, IoEngine engine, string near, string far)
{
    private readonly int mostMicroseconds = round.Pick(1, 100, 3000);
    private readonly int pieceBytes = round.Pick(10, 100, 100_000);
    private long carried;

    /// <summary>The byte behind which it breaks, if it does.</summary>
    public long? BreaksAfter { get; init; }

    /// <summary>Called before anything is carried on to the far end.</summary>
    public Func<Task> Carrying { get; init; } = static () => Task.CompletedTask;

    /// <summary>Whether it has broken by itself.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether anything was carried.</summary>
    public bool WasUsed => carried > 0;

    /// <summary>Waits at the near end for somebody, and carries what comes until either end is closed.</summary>
    public async Task ServeAsync(ChannelListener listener)
    {
        await using var from = await listener.AcceptAsync();
        if (from is null)
        {
            return;
        }
        await using var to = await TryConnectAsync();
        if (to is null)
        {
            // Nobody is there any more.
            IsBroken = true;
            return;
        }
        await Task.WhenAll(CarryAsync(from, to, isThere: true), CarryAsync(to, from, isThere: false));
    }

    private async Task<ByteChannel?> TryConnectAsync()
    {
        try
        {
            return await engine.ConnectAsync(new SocketAddress.Unix(far), CancellationToken.None);
        }
        catch (BlockException)
        {
            return null;
        }
    }

    /// <summary>Its near end, before anybody is told of it.</summary>
    public ValueTask<ChannelListener> ListenAsync() => engine.ListenAsync(new SocketAddress.Unix(near), backlog: 1);

    // What it throws is known when both ways have ended.
    private async Task LookAsync(ByteChannel from, ByteChannel to)
    {
        try
        {
            await Carrying();
        }
        catch
        {
            from.Abort();
            to.Abort();
            throw;
        }
    }

    private async Task CarryAsync(ByteChannel from, ByteChannel to, bool isThere)
    {
        var buffer = new byte[64 << 10];
        while (true)
        {
            var read = await from.ReceiveAsync(buffer);
            if (read.IsEnd)
            {
                // What has been carried arrives; there is nothing behind it.
                to.Abort();
                return;
            }
            for (var at = 0; at < read.Count; )
            {
                var count = Math.Min(round.Random.Next(1, pieceBytes), read.Count - at);
                await engine.Loop.DelayAsync(
                    TimeSpan.FromMicroseconds(round.Random.Next(mostMicroseconds)),
                    CancellationToken.None
                );
                if (isThere)
                {
                    await LookAsync(from, to);
                }
                if (carried + count > BreaksAfter)
                {
                    IsBroken = true;
                    count = (int)(BreaksAfter.Value - carried);
                }
                if (count > 0 && await to.SendAsync(buffer.AsMemory(at, count)) != IoStatus.Ok)
                {
                    from.Abort();
                    return;
                }
                carried += count;
                at += count;
                if (IsBroken)
                {
                    from.Abort();
                    to.Abort();
                    return;
                }
            }
        }
    }
}
