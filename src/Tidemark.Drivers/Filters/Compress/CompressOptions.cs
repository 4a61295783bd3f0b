using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Filters.Compress;

/// <summary>Options of the driver: the image below.</summary>
[Schema]
internal sealed partial record CompressOptions(BlockdevRef File);
