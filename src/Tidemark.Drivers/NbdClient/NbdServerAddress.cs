using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Io.Contract;

namespace Tidemark.Drivers.NbdClient;

/// <summary>The option "server": QMP's SocketAddress.</summary>
[Schema(Name = "SocketAddress", Discriminator = "type")]
internal abstract partial record NbdServerAddress
{
    /// <summary>The address to connect to; a descriptor that was passed is taken. Throws <see cref="BlockException"/> for what a client can't do.</summary>
    public abstract SocketAddress Resolve(IoEngine engine);

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
        public override SocketAddress Resolve(IoEngine engine) =>
            new InetOptions(Host, Port, Numeric, To, Ipv4, Ipv6, KeepAlive, Mptcp).ToConnect();
    }

    /// <summary>A unix socket.</summary>
    [Branch("unix")]
    public sealed partial record Unix(string Path, bool? Abstract = null, bool? Tight = null) : NbdServerAddress
    {
        /// <inheritdoc/>
        public override SocketAddress Resolve(IoEngine engine) =>
            Tight == false && Abstract == true
                ? throw Refused("Abstract unix sockets are supported with tight=on only")
                : new SocketAddress.Unix(Path, Abstract == true);
    }

    /// <summary>A socket between a machine and its host.</summary>
    [Branch("vsock")]
    public sealed partial record Vsock(string Cid, string Port) : NbdServerAddress
    {
        /// <inheritdoc/>
        public override SocketAddress Resolve(IoEngine engine) => SocketAddress.Vsock.Parse(Cid, Port);
    }

    /// <summary>A connected socket that the process was started with, or passed.</summary>
    [Branch("fd")]
    public sealed partial record Fd(string Str) : NbdServerAddress
    {
        /// <inheritdoc/>
        public override SocketAddress Resolve(IoEngine engine) => engine.FindDescriptor(Str);
    }
}
