using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Null;

/// <summary>Options of null-co.</summary>
[Schema]
internal sealed partial record NullOptions([Size] ulong Size = 1UL << 30, ulong LatencyNs = 0, bool ReadZeroes = false);
