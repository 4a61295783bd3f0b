using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Io.Simulated;

/// <summary>Who listens where on a simulated machine, during one run.</summary>
internal sealed class SimulatedNetwork
{
    private const int FirstFreePort = 49152;

    private readonly Dictionary<string, SimulatedListener> listeners = new(StringComparer.Ordinal);
    private int nextPort = FirstFreePort;

    public SimulatedListener Listen(SimulatedEngine engine, SocketAddress address)
    {
        if (address is SocketAddress.Inet { Port: 0 } any)
        {
            address = any with { Port = nextPort++ };
        }
        var name = NameOf(address);
        if (listeners.ContainsKey(name))
        {
            throw new BlockException((IoStatus)Linux.Libc.EADDRINUSE, $"Failed to bind socket to {address}");
        }
        var listener = new SimulatedListener(engine, this, address);
        listeners.Add(name, listener);
        return listener;
    }

    public SimulatedChannel? Connect(SimulatedMachine machine, SimulatedEngine engine, SocketAddress address)
    {
        if (!listeners.TryGetValue(NameOf(address), out var listener))
        {
            return null;
        }
        // Bytes arrive on the time of who receives them, whatever becomes of who sent them.
        var (there, back) = (new SimulatedPipe(machine, listener.Engine), new SimulatedPipe(machine, engine));
        var client = new SimulatedChannel(machine, engine, address.ToString()!, incoming: back, outgoing: there);
        listener.Offer(new SimulatedChannel(machine, listener.Engine, $"client of {address}", incoming: there, outgoing: back));
        return client;
    }

    public void Forget(SocketAddress address) => listeners.Remove(NameOf(address));

    private static string NameOf(SocketAddress address) =>
        address switch
        {
            SocketAddress.Unix { IsAbstract: true } unix => $"@{unix.Path}",
            SocketAddress.Inet inet => $":{inet.Port}",
            _ => address.ToString()!,
        };
}
