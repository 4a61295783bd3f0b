using System.Globalization;
using Tidemark.Core.Errors;

namespace Tidemark.Io.Contract;

/// <summary>An internet address as options spell it (QMP's InetSocketAddress), before it is one.</summary>
/// <param name="Host">Name or digits; empty for all addresses of a listener.</param>
/// <param name="Port">In digits.</param>
/// <param name="Numeric">Whether the host must be in digits.</param>
/// <param name="To">Last port of the range that a listener may take.</param>
/// <param name="Ipv4">Whether version 4 may be used; if only this is on, nothing else.</param>
/// <param name="Ipv6">Whether version 6 may be used; if only this is on, nothing else.</param>
/// <param name="KeepAlive">Whether silent connections are probed.</param>
/// <param name="Mptcp">Whether to speak multipath TCP.</param>
public readonly record struct InetOptions(
    string Host,
    string Port,
    bool? Numeric = null,
    ushort? To = null,
    bool? Ipv4 = null,
    bool? Ipv6 = null,
    bool? KeepAlive = null,
    bool? Mptcp = null
)
{
    /// <summary>The address to listen at. Throws <see cref="BlockException"/> for what is no address.</summary>
    public SocketAddress.Inet ToListen()
    {
        var address = ToAddress();
        var last = To ?? address.Port;
        return last >= address.Port
            ? address with
            {
                LastPort = last,
            }
            : throw Invalid($"The range of ports from {address.Port} to {last} is empty");
    }

    /// <summary>The address to connect to. Throws <see cref="BlockException"/> for what is no address.</summary>
    public SocketAddress.Inet ToConnect() =>
        To is null ? ToAddress() : throw Invalid("A range of ports ('to') is for listening only");

    private SocketAddress.Inet ToAddress() =>
        ushort.TryParse(Port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new SocketAddress.Inet(Host, number)
            {
                Family = ChooseFamily(),
                IsNumeric = Numeric == true,
                KeepsAlive = KeepAlive == true,
                IsMultipath = Mptcp == true,
            }
            : throw Invalid($"address resolution failed for {Host}:{Port}: Servname not supported for ai_socktype");

    private InetFamily ChooseFamily() =>
        (Ipv4, Ipv6) switch
        {
            (false, false) => throw Invalid("Cannot disable IPv4 and IPv6 at same time"),
            (true, true) => InetFamily.Any,
            (_, true) or (false, _) => InetFamily.V6,
            (true, _) or (_, false) => InetFamily.V4,
            _ => InetFamily.Any,
        };

    private static BlockException Invalid(string text) => new(BlockErrorKind.InvalidOptions, text);
}
