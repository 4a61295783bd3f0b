using Tidemark.Core.Schema;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Export;

/// <summary>A socket's address as nbd-server-start gives it: the address itself in "data" (QMP's SocketAddressLegacy).</summary>
[Schema(Name = "SocketAddressLegacy", Discriminator = "type")]
public abstract partial record LegacySocketAddress
{
    /// <summary>TCP.</summary>
    [Branch("inet")]
    public sealed partial record Inet(FlatSocketAddress.Inet Data) : LegacySocketAddress;

    /// <summary>A unix socket.</summary>
    [Branch("unix")]
    public sealed partial record Unix(FlatSocketAddress.Unix Data) : LegacySocketAddress;

    /// <summary>A socket between a machine and its host.</summary>
    [Branch("vsock")]
    public sealed partial record Vsock(FlatSocketAddress.Vsock Data) : LegacySocketAddress;

    /// <summary>A descriptor that the process was started with, or passed.</summary>
    [Branch("fd")]
    public sealed partial record Fd(FlatSocketAddress.Fd Data) : LegacySocketAddress;

    /// <summary>The same address, flat.</summary>
    public FlatSocketAddress Flatten() =>
        this switch
        {
            Inet inet => inet.Data,
            Unix unix => unix.Data,
            Vsock vsock => vsock.Data,
            Fd fd => fd.Data,
            _ => throw new QmpException("Unknown kind of socket address"),
        };
}
