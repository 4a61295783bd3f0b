using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Filters.Throttle;

/// <summary>Options of the driver; QMP's BlockdevOptionsThrottle.</summary>
[Schema]
internal sealed partial record ThrottleOptions(string ThrottleGroup, BlockdevRef File);
