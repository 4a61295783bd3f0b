using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Io.Simulated;

/// <summary>A listening socket of a simulated machine.</summary>
internal sealed class SimulatedListener : ChannelListener
{
    private readonly SimulatedNetwork network;
    private readonly Queue<SimulatedChannel> offered = new();
    private Completion<ByteChannel?>? waiting;
    private bool isClosed;

    public SimulatedListener(SimulatedEngine engine, SimulatedNetwork network, SocketAddress address)
    {
        Engine = engine;
        this.network = network;
        Address = address;
        engine.Track(this);
    }

    public override SocketAddress Address { get; }

    /// <summary>The engine of the process that listens.</summary>
    public SimulatedEngine Engine { get; }

    public void Offer(SimulatedChannel channel)
    {
        if (waiting is { } waiter)
        {
            waiting = null;
            waiter.Set(channel);
        }
        else
        {
            offered.Enqueue(channel);
        }
    }

    public override ValueTask<ByteChannel?> AcceptAsync()
    {
        Invariant.That(waiting is null, "one accept is under way at a time");
        if (isClosed)
        {
            return new((ByteChannel?)null);
        }
        if (offered.TryDequeue(out var channel))
        {
            return new(channel);
        }
        waiting = new Completion<ByteChannel?>();
        return waiting.Task;
    }

    public override ValueTask DisposeAsync()
    {
        if (isClosed)
        {
            return ValueTask.CompletedTask;
        }
        isClosed = true;
        network.Forget(Address);
        Engine.Forget(this);
        foreach (var channel in offered)
        {
            channel.Abort();
        }
        waiting?.Set(null);
        waiting = null;
        return ValueTask.CompletedTask;
    }
}
