using Tidemark.Core.Schema;
using Tidemark.Exports.Nbd;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Export;

/// <summary>nbd-server-start: lets NBD clients connect.</summary>
internal sealed partial class NbdServerStart(ControlContext context)
    : QmpCommand<NbdServerStart.Arguments>("nbd-server-start", Arguments.Codec)
{
    /// <summary>What it takes; 0 connections is no limit.</summary>
    [Schema]
    internal sealed partial record Arguments(LegacySocketAddress Addr, uint? MaxConnections = null);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) =>
        StartAsync(context, arguments.Addr.Flatten(), arguments.MaxConnections);

    /// <summary>Starts the server; command lines use it too.</summary>
    public static ValueTask StartAsync(ControlContext context, FlatSocketAddress address, uint? maxConnections)
    {
        var options = new NbdServerOptions(address.ToAddress());
        if (maxConnections is { } connections)
        {
            options = options with { MaxConnections = (int)Math.Min(connections, int.MaxValue) };
        }
        return context.Exports.StartNbdServerAsync(options);
    }
}
