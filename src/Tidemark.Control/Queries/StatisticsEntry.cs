using Tidemark.Block.Graph;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>A device or node in query-blockstats (BlockStats), with the node that holds its storage and the images behind it.</summary>
[Schema(Name = "BlockStats")]
internal sealed partial record StatisticsEntry(
    Statistics Stats,
    string? Device = null,
    string? NodeName = null,
    StatisticsEntry? Parent = null,
    StatisticsEntry? Backing = null
)
{
    /// <summary>Describes <paramref name="node"/>; a device's entry has its name and the images behind it.</summary>
    public static StatisticsEntry Of(BlockNode node, string? device) =>
        new(
            new Statistics(TimedStatistics: []),
            device,
            node.Name,
            node.PrimaryChild is { } storage ? Of(storage.Node, null) : null,
            device is not null && node.BackingChild is { } backing ? Of(backing.Node, "") with { Device = null } : null
        );
}
