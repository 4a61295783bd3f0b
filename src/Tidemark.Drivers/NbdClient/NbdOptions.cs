using Tidemark.Core.Schema;

namespace Tidemark.Drivers.NbdClient;

/// <summary>Options of driver "nbd".</summary>
/// <param name="Server">Where the server is.</param>
/// <param name="Export">Name of the export; the default export if left out.</param>
/// <param name="TlsCreds">Refused: TLS isn't spoken.</param>
/// <param name="TlsHostname">Refused likewise.</param>
/// <param name="XDirtyBitmap">Metadata context to take for block status in place of base:allocation.</param>
/// <param name="ReconnectDelay">Seconds for which requests wait for a lost server; 0 lets them fail at once.</param>
/// <param name="OpenTimeout">Seconds for which opening tries again; 0 is one attempt.</param>
[Schema(Name = "BlockdevOptionsNbd")]
internal sealed partial record NbdOptions(
    NbdServerAddress Server,
    string? Export = null,
    string? TlsCreds = null,
    string? TlsHostname = null,
    string? XDirtyBitmap = null,
    uint ReconnectDelay = 0,
    uint OpenTimeout = 0
);
