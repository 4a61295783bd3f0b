using System.Globalization;
using Tidemark.Core.Errors;

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

    /// <summary>TCP; port 0 listens on any free one, and without a host on all addresses.</summary>
    public sealed record Inet(string Host, int Port) : SocketAddress
    {
        /// <summary>The last port to try when a listener's is taken; by default the only one.</summary>
        public int LastPort { get; init; } = Port;

        /// <summary>The protocols that may be used.</summary>
        public InetFamily Family { get; init; }

        /// <summary>Whether the host must be given in digits, so that nobody is asked for it.</summary>
        public bool IsNumeric { get; init; }

        /// <summary>Whether a connection that is silent for long is probed now and then.</summary>
        public bool KeepsAlive { get; init; }

        /// <summary>Whether to speak multipath TCP.</summary>
        public bool IsMultipath { get; init; }

        /// <inheritdoc/>
        public override string ToString() => $"{Host}:{Port}";
    }

    /// <summary>A socket between a machine and its host; all bits of <paramref name="Cid"/> listen for everybody.</summary>
    public sealed record Vsock(uint Cid, uint Port) : SocketAddress
    {
        /// <summary>The address that options spell (QMP's VsockSocketAddress). Throws <see cref="BlockException"/> for what is none.</summary>
        public static Vsock Parse(string cid, string port) =>
            !uint.TryParse(cid, NumberStyles.None, CultureInfo.InvariantCulture, out var cidNumber)
                ? throw new BlockException(BlockErrorKind.InvalidOptions, $"Failed to parse cid '{cid}'")
            : !uint.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var portNumber)
                ? throw new BlockException(BlockErrorKind.InvalidOptions, $"Failed to parse port '{port}'")
            : new(cidNumber, portNumber);

        /// <inheritdoc/>
        public override string ToString() => $"vsock:{Cid}:{Port}";
    }

    /// <summary>A descriptor that this process was started with (socket activation), or that a client passed under a name.</summary>
    public sealed record Descriptor(int Number, string? Name = null) : SocketAddress
    {
        /// <inheritdoc/>
        public override string ToString() => $"fd:{Number}";
    }
}
