using Tidemark.Core.Schema;

namespace Tidemark.Control.Schema;

/// <summary>What becomes of discards (BlockdevDiscardOptions).</summary>
[Schema(Name = "BlockdevDiscardOptions")]
internal enum BlockdevDiscard
{
    Ignore,
    Unmap,
}
