using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Filters.SnapshotAccess;

/// <summary>Options of the driver.</summary>
[Schema]
internal sealed partial record SnapshotAccessOptions(BlockdevRef File);
