using Tidemark.Block.Graph;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>What a driver counts by itself (BlockStatsSpecific): a file's discards.</summary>
[Schema(Name = "BlockStatsSpecific")]
internal sealed partial record DriverStatistics(string Driver, long DiscardNbOk, long DiscardNbFailed, long DiscardBytesOk)
{
    /// <summary>Those of the node's driver, or null if it has none.</summary>
    public static DriverStatistics? Of(BlockNode node) =>
        node.Driver.Discards is { } discards
            ? new(node.Definition.Name, discards.Succeeded, discards.Failed, discards.Bytes)
            : null;
}
