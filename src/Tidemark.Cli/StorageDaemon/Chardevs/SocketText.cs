using Tidemark.Io.Contract;

namespace Tidemark.Cli.StorageDaemon.Chardevs;

/// <summary>Sockets as chardevs name them.</summary>
internal static class SocketText
{
    /// <summary>"unix:/run/qmp", "tcp:localhost:4444", "fd:3".</summary>
    public static string Of(SocketAddress address) =>
        address is SocketAddress.Inet inet ? $"tcp:{inet.Host}:{inet.Port}" : address.ToString();
}
