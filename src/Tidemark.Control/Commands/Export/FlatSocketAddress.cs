using Tidemark.Core.Schema;
using Tidemark.Io.Contract;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Export;

/// <summary>A socket's address as newer commands and command lines give it: flat (QMP's SocketAddress).</summary>
[Schema(Name = "SocketAddress", Discriminator = "type")]
public abstract partial record FlatSocketAddress
{
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
    ) : FlatSocketAddress;

    /// <summary>A unix socket.</summary>
    [Branch("unix")]
    public sealed partial record Unix(string Path, bool? Abstract = null, bool? Tight = null) : FlatSocketAddress;

    /// <summary>A socket between a machine and its host.</summary>
    [Branch("vsock")]
    public sealed partial record Vsock(string Cid, string Port) : FlatSocketAddress;

    /// <summary>A descriptor that the process was started with, or passed.</summary>
    [Branch("fd")]
    public sealed partial record Fd(string Str) : FlatSocketAddress;

    /// <summary>
    /// The address to listen at, in the engine's terms; a descriptor that was passed is taken. Throws <see cref="QmpException"/> or
    /// <see cref="Core.Errors.BlockException"/> for what is no address.
    /// </summary>
    public SocketAddress ToAddress(IoEngine engine) =>
        this switch
        {
            Inet inet => new InetOptions(
                inet.Host,
                inet.Port,
                inet.Numeric,
                inet.To,
                inet.Ipv4,
                inet.Ipv6,
                inet.KeepAlive,
                inet.Mptcp
            ).ToListen(),
            Unix { Abstract: true, Tight: false } => throw new QmpException(
                "Abstract unix sockets are supported with tight=on only"
            ),
            Unix unix => new SocketAddress.Unix(unix.Path, unix.Abstract == true),
            Vsock vsock => SocketAddress.Vsock.Parse(vsock.Cid, vsock.Port),
            Fd fd => engine.FindDescriptor(fd.Str),
            _ => throw new QmpException("Unknown kind of socket address"),
        };
}
