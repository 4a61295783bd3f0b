using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Null;

/// <summary>Options of null-co.</summary>
[Schema]
internal sealed partial record NullOptions([Size] long Size = 1L << 30, ulong LatencyNs = 0, bool ReadZeroes = false);
