using Tidemark.Core.Schema;

namespace Tidemark.Control.Schema;

/// <summary>What every node's options have beside the driver (the base of BlockdevOptions).</summary>
[Schema(Name = "BlockdevOptions")]
internal sealed partial record BlockdevBase(
    string? NodeName = null,
    BlockdevDiscard? Discard = null,
    BlockdevCache? Cache = null,
    bool? Active = null,
    bool? ReadOnly = null,
    bool? AutoReadOnly = null,
    bool? ForceShare = null,
    BlockdevDetectZeroes? DetectZeroes = null
);
