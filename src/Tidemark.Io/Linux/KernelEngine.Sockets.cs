using System.Net;
using System.Net.Sockets;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using SocketAddress = Tidemark.Io.Contract.SocketAddress;

namespace Tidemark.Io.Linux;

public abstract partial class KernelEngine
{
    private const string Unknown = "Name or service not known";
    private const string OtherFamily = "Address family for hostname not supported";

    /// <inheritdoc/>
    public override async ValueTask<ByteChannel> ConnectAsync(SocketAddress address, CancellationToken cancel)
    {
        switch (address)
        {
            case SocketAddress.Unix unix:
                return await ConnectFirstAsync(address, [SocketName.Of(unix)], $"Failed to connect to '{unix.Path}'", cancel);
            case SocketAddress.Inet inet:
                var hosts = await ResolveAsync(inet);
                var names = Array.ConvertAll(hosts, host => SocketName.Of(host, inet.Port));
                return await ConnectFirstAsync(address, names, $"Failed to connect to '{inet.Host}:{inet.Port}'", cancel);
            case SocketAddress.Vsock vsock:
                var failure = $"Failed to connect to '{vsock.Cid}:{vsock.Port}'";
                return await ConnectFirstAsync(address, [SocketName.Of(vsock)], failure, cancel);
            case SocketAddress.Descriptor descriptor:
                return KernelSockets.AdoptInherited(this, descriptor);
            default:
                throw Invariant.Unreachable("all kinds of address are listed");
        }
    }

    /// <inheritdoc/>
    public override ByteChannel Adopt(SocketAddress.Descriptor descriptor)
    {
        if (Libc.Facts(descriptor.Number) is not { } facts)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"File descriptor '{descriptor.Number}' is not open");
        }
        if (facts.IsSocket)
        {
            return KernelSockets.AdoptInherited(this, descriptor);
        }
        KernelSockets.MakeOurs(descriptor.Number);
        return new DescriptorChannel(this, descriptor.Number, $"fd:{descriptor.Name ?? $"{descriptor.Number}"}");
    }

    /// <inheritdoc/>
    public override async ValueTask<ChannelListener> ListenAsync(SocketAddress address, int backlog) =>
        address switch
        {
            SocketAddress.Unix unix => KernelSockets.Listen(this, unix, backlog),
            SocketAddress.Inet inet => KernelSockets.Listen(this, inet, await ResolveAsync(inet), backlog),
            SocketAddress.Vsock vsock => KernelSockets.Listen(this, vsock, backlog),
            SocketAddress.Descriptor descriptor => KernelSockets.Listen(this, descriptor, backlog),
            _ => throw Invariant.Unreachable("all kinds of address are listed"),
        };

    /// <inheritdoc/>
    public override ByteChannel OpenStdio() => new StdioChannel(this);

    /// <inheritdoc/>
    public override ByteChannel StartCommand(string command) => CommandChannel.Start(this, command);

    private async ValueTask<ByteChannel> ConnectFirstAsync(
        SocketAddress address,
        SocketName[] names,
        string failure,
        CancellationToken cancel
    )
    {
        var status = IoStatus.NotFound;
        foreach (var name in names)
        {
            (var descriptor, status) = await KernelSockets.ConnectAsync(this, name, address as SocketAddress.Inet, cancel);
            if (status == IoStatus.Ok)
            {
                return KernelSockets.Adopt(this, descriptor, address);
            }
        }
        throw new BlockException(status, failure) { Path = address.ToString() };
    }

    /// <summary>The host's addresses; a name is looked up on a worker, because that may take seconds.</summary>
    private async ValueTask<IPAddress[]> ResolveAsync(SocketAddress.Inet address)
    {
        if (address.Host.Length == 0)
        {
            // One socket of version 6 hears both.
            return address.Family switch
            {
                InetFamily.V4 => [IPAddress.Any],
                InetFamily.V6 => [IPAddress.IPv6Any],
                _ => [IPAddress.IPv6Any, IPAddress.Any],
            };
        }
        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var literal))
        {
            return Allows(address.Family, literal) ? [literal] : throw Unresolved(address, OtherFamily);
        }
        if (address.IsNumeric)
        {
            throw Unresolved(address, Unknown);
        }
        try
        {
            var found = await OffloadAsync(static host => Dns.GetHostAddresses(host), address.Host);
            var allowed = found.Where(host => Allows(address.Family, host)).ToArray();
            // The old protocol first: that is where "localhost" is expected.
            return allowed.Length > 0
                ? [.. allowed.OrderBy(static host => host.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)]
                : throw Unresolved(address, OtherFamily);
        }
        catch (SocketException)
        {
            throw Unresolved(address, Unknown);
        }
    }

    private static bool Allows(InetFamily family, IPAddress host) =>
        family == InetFamily.Any || family == (host.AddressFamily == AddressFamily.InterNetwork ? InetFamily.V4 : InetFamily.V6);

    private static BlockException Unresolved(SocketAddress.Inet address, string why) =>
        new(BlockErrorKind.NotFound, $"address resolution failed for {address.Host}:{address.Port}: {why}")
        {
            Path = address.ToString(),
        };
}
