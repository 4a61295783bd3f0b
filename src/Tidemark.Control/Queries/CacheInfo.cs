using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>How a node caches (BlockdevCacheInfo).</summary>
[Schema(Name = "BlockdevCacheInfo")]
internal sealed partial record CacheInfo(bool Writeback, bool Direct, bool NoFlush);
