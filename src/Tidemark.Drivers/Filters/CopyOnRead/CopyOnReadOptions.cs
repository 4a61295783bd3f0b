using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Filters.CopyOnRead;

/// <summary>Options of the driver; QMP's BlockdevOptionsCor.</summary>
[Schema]
internal sealed partial record CopyOnReadOptions(BlockdevRef File, string? Bottom = null);
