using System.Net;
using System.Net.Sockets;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using SocketAddress = Tidemark.Io.Contract.SocketAddress;

namespace Tidemark.Io.Linux;

public abstract partial class KernelEngine
{
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
            case SocketAddress.Descriptor descriptor:
                return KernelSockets.AdoptInherited(this, descriptor);
            default:
                throw Invariant.Unreachable("all kinds of address are listed");
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<ChannelListener> ListenAsync(SocketAddress address, int backlog) =>
        address switch
        {
            SocketAddress.Unix unix => KernelSockets.Listen(this, unix, backlog),
            SocketAddress.Inet inet => KernelSockets.Listen(this, inet, await ResolveAsync(inet), backlog),
            SocketAddress.Descriptor descriptor => KernelSockets.Listen(this, descriptor),
            _ => throw Invariant.Unreachable("all kinds of address are listed"),
        };

    /// <inheritdoc/>
    public override ByteChannel OpenStdio() => new StdioChannel(this);

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
            (var descriptor, status) = await KernelSockets.ConnectAsync(this, name, cancel);
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
            return [IPAddress.Any];
        }
        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var literal))
        {
            return [literal];
        }
        try
        {
            var found = await OffloadAsync(static host => Dns.GetHostAddresses(host), address.Host);
            // The old protocol first: that is where "localhost" is expected.
            return [.. found.OrderBy(static host => host.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)];
        }
        catch (SocketException)
        {
            throw new BlockException(
                BlockErrorKind.NotFound,
                $"address resolution failed for {address.Host}:{address.Port}: Name or service not known"
            )
            {
                Path = address.ToString(),
            };
        }
    }
}
