using Tidemark.Core.Schema;
using Tidemark.Exports.Nbd;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Export;

/// <summary>nbd-server-start: lets NBD clients connect.</summary>
internal sealed partial class NbdServerStart(ControlContext context)
    : QmpCommand<NbdServerStart.Arguments>("nbd-server-start", Arguments.Codec)
{
    /// <summary>What it takes; 0 connections is no limit.</summary>
    [Schema]
    internal sealed partial record Arguments(
        LegacySocketAddress Addr,
        string? TlsCreds = null,
        string? TlsAuthz = null,
        uint? MaxConnections = null
    );

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) =>
        StartAsync(context, arguments.Addr.Flatten(), arguments.TlsCreds, arguments.MaxConnections);

    /// <summary>Starts the server; command lines use it too.</summary>
    public static ValueTask StartAsync(
        ControlContext context,
        FlatSocketAddress address,
        string? tlsCredentials,
        uint? maxConnections
    )
    {
        RefuseTls(context, tlsCredentials);
        var options = new NbdServerOptions(address.ToAddress(context.Graph.Engine));
        if (maxConnections is { } connections)
        {
            options = options with { MaxConnections = (int)Math.Min(connections, int.MaxValue) };
        }
        return context.Exports.StartNbdServerAsync(options);
    }

    // No object of ours is TLS credentials, so whatever is named is the wrong kind or not there.
    private static void RefuseTls(ControlContext context, string? credentials)
    {
        if (credentials is not null)
        {
            throw new QmpException(
                context.Objects.Find(credentials) is null
                    ? $"No TLS credentials with id '{credentials}'"
                    : $"Object with id '{credentials}' is not TLS credentials"
            );
        }
    }
}
