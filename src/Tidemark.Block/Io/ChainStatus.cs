using Tidemark.Block.Contract;

namespace Tidemark.Block.Graph;

/// <summary>A run's status seen through a backing chain.</summary>
/// <param name="Block">The status; its length holds for all layers passed.</param>
/// <param name="Depth">Which layer determines the content, 1 for the top; 0 if none that was asked.</param>
public readonly record struct ChainStatus(BlockStatus Block, int Depth);
