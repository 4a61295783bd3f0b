namespace Tidemark.Io.Contract;

/// <summary>Where a stream socket is, in QMP's terms (SocketAddress).</summary>
public abstract record SocketAddress
{
    private SocketAddress() { }

    /// <summary>A unix socket at a path, or by an abstract name.</summary>
    public sealed record Unix(string Path, bool IsAbstract = false) : SocketAddress
    {
        /// <inheritdoc/>
        public override string ToString() => $"unix:{Path}";
    }

    /// <summary>TCP; port 0 listens on any free one.</summary>
    public sealed record Inet(string Host, int Port) : SocketAddress
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Host}:{Port}";
    }

    /// <summary>A descriptor that this process was given (socket activation, getfd).</summary>
    public sealed record Descriptor(int Number) : SocketAddress
    {
        /// <inheritdoc/>
        public override string ToString() => $"fd:{Number}";
    }
}
