using System.Globalization;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Io.Contract;

namespace Tidemark.Drivers.NbdClient;

/// <summary>The option "server": QMP's SocketAddress.</summary>
[Schema(Name = "SocketAddress", Discriminator = "type")]
internal abstract partial record NbdServerAddress
{
    /// <summary>The address to connect to. Throws <see cref="BlockException"/> for what a client can't do.</summary>
    public abstract SocketAddress Resolve();

    private static BlockException Refused(string message) => new(BlockErrorKind.NotSupported, message);

    /// <summary>TCP.</summary>
    [Branch("inet")]
    public sealed partial record Inet(
        string Host,
        string Port,
        bool? Numeric = null,
        ushort? To = null,
        bool? Ipv4 = null,
        bool? Ipv6 = null,
        bool? KeepAlive = null,
        bool? Mptcp = null
    ) : NbdServerAddress
    {
        /// <inheritdoc/>
        public override SocketAddress Resolve()
        {
            if (To is not null || Ipv4 is not null || Ipv6 is not null || KeepAlive == true || Mptcp == true || Numeric == true)
            {
                throw Refused("Of an inet address only host and port are supported for an NBD server");
            }
            return int.TryParse(Port, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue
                ? new SocketAddress.Inet(Host, port)
                : throw new BlockException(
                    BlockErrorKind.InvalidOptions,
                    $"address resolution failed for {Host}:{Port}: Servname not supported for ai_socktype"
                );
        }
    }

    /// <summary>A unix socket.</summary>
    [Branch("unix")]
    public sealed partial record Unix(string Path, bool? Abstract = null, bool? Tight = null) : NbdServerAddress
    {
        /// <inheritdoc/>
        public override SocketAddress Resolve() =>
            Tight == false && Abstract == true
                ? throw Refused("Abstract unix sockets are supported with tight=on only")
                : new SocketAddress.Unix(Path, Abstract == true);
    }

    /// <summary>A socket between a machine and its host.</summary>
    [Branch("vsock")]
    public sealed partial record Vsock(string Cid, string Port) : NbdServerAddress
    {
        /// <inheritdoc/>
        public override SocketAddress Resolve() => throw Refused("vsock addresses are not supported");
    }

    /// <summary>A connected socket that the process was given.</summary>
    [Branch("fd")]
    public sealed partial record Fd(string Str) : NbdServerAddress
    {
        /// <inheritdoc/>
        public override SocketAddress Resolve() =>
            int.TryParse(Str, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? new SocketAddress.Descriptor(number)
                : throw new BlockException(BlockErrorKind.NotFound, $"File descriptor named '{Str}' has not been found");
    }
}
