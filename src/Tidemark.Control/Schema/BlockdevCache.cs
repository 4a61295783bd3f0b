using Tidemark.Core.Schema;

namespace Tidemark.Control.Schema;

/// <summary>How a node caches (BlockdevCacheOptions).</summary>
[Schema(Name = "BlockdevCacheOptions")]
internal sealed partial record BlockdevCache(bool? Direct = null, bool? NoFlush = null);
