using Tidemark.Control.Commands.Export;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Migration;

/// <summary>What query-migrate tells (MigrationInfo); times in milliseconds.</summary>
[Schema(Name = "MigrationInfo")]
internal sealed partial record MigrationInfo(
    MigrationStatus? Status = null,
    MigrationMemory? Ram = null,
    long? TotalTime = null,
    long? ExpectedDowntime = null,
    long? Downtime = null,
    long? SetupTime = null,
    string? ErrorDesc = null,
    IReadOnlyList<FlatSocketAddress>? SocketAddress = null
);
