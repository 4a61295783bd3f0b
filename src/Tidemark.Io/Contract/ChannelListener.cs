using Tidemark.Core.Channels;

namespace Tidemark.Io.Contract;

/// <summary>A listening socket of one loop.</summary>
public abstract class ChannelListener : IAsyncDisposable
{
    /// <summary>Where it really listens (the port filled in).</summary>
    public abstract SocketAddress Address { get; }

    /// <summary>The next connection, or null once the listener was closed. One call at a time.</summary>
    public abstract ValueTask<ByteChannel?> AcceptAsync();

    /// <summary>Stops listening; a waiting accept ends with null. A unix socket's file is removed.</summary>
    public abstract ValueTask DisposeAsync();
}
