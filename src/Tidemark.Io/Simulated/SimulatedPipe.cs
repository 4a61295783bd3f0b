using Tidemark.Core.Async;

namespace Tidemark.Io.Simulated;

/// <summary>
/// One direction of a simulated connection: bytes arrive in order, in pieces of any size, some time after they were sent.
/// It holds a bounded number of bytes, so that a peer that does not read stops its sender.
/// </summary>
internal sealed class SimulatedPipe(SimulatedMachine machine, SimulatedEngine engine)
{
    private const int CapacityBytes = 64 << 10;

    private readonly Queue<byte[]> arrived = new();
    private int taken;
    private int held;
    private TimeSpan lastArrival;

    /// <summary>Woken when bytes or the end have arrived.</summary>
    public LoopSignal Readable { get; } = new();

    /// <summary>Woken when there is room again, or never will be.</summary>
    public LoopSignal Writable { get; } = new();

    public bool HasBytes => arrived.Count > 0;

    /// <summary>Whether bytes are in it that nobody has read.</summary>
    public bool IsEmpty => held == 0;

    /// <summary>The sender has ended its side: what was sent still arrives.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The connection was broken: what has not been read is gone.</summary>
    public bool IsReset { get; private set; }

    /// <summary>Takes a first part of <paramref name="data"/> in; its length, 0 when full.</summary>
    public int Accept(ReadOnlySpan<byte> data)
    {
        var count = Math.Min(data.Length, CapacityBytes - held);
        for (var done = 0; done < count; )
        {
            var piece = machine.Chance.Next(3) == 0 ? machine.Chance.Next(1, count - done + 1) : count - done;
            Carry(data.Slice(done, piece).ToArray());
            done += piece;
        }
        held += count;
        return count;
    }

    /// <summary>Moves some of what has arrived into <paramref name="target"/>.</summary>
    public int Take(Span<byte> target)
    {
        var first = arrived.Peek().AsSpan(taken);
        var most = Math.Min(first.Length, target.Length);
        var count = machine.Chance.Next(4) == 0 ? machine.Chance.Next(1, most + 1) : most;
        first[..count].CopyTo(target);
        taken += count;
        held -= count;
        if (count == first.Length)
        {
            _ = arrived.Dequeue();
            taken = 0;
        }
        Writable.Wake();
        return count;
    }

    public void End() =>
        After(() =>
        {
            IsEnded = true;
            Readable.Wake();
            Writable.Wake();
        });

    public void Reset()
    {
        IsReset = true;
        arrived.Clear();
        held = 0;
        Readable.Wake();
        Writable.Wake();
    }

    private void Carry(byte[] piece) =>
        After(() =>
        {
            if (!IsReset)
            {
                arrived.Enqueue(piece);
                Readable.Wake();
            }
        });

    /// <summary>Runs <paramref name="arrival"/> some time later, but never before what was sent earlier.</summary>
    private void After(Action arrival)
    {
        var now = engine.SimulatedLoop.Now;
        var at = now + machine.Latency();
        lastArrival = at < lastArrival ? lastArrival : at;
        engine.SimulatedLoop.After(lastArrival - now, arrival);
    }
}
