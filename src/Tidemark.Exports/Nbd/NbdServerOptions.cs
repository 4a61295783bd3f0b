using Tidemark.Io.Contract;

namespace Tidemark.Exports.Nbd;

/// <summary>How an NBD server is started (QMP nbd-server-start).</summary>
/// <param name="Address">Where to listen; a descriptor is a listening socket that the process was given.</param>
/// <param name="MaxConnections">Connections at a time, further ones wait to be accepted; 0 is no limit. With 1, exports don't offer multi-conn.</param>
/// <param name="HandshakeTimeout">How long a client may take to choose an export; null is ten seconds.</param>
public sealed record NbdServerOptions(
    SocketAddress Address,
    int MaxConnections = Limits.DefaultConnections,
    TimeSpan? HandshakeTimeout = null
);
