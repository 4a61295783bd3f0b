using Tidemark.Block.Graph;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>A device or node in query-blockstats (BlockStats), with the node that holds its storage and the images behind it.</summary>
[Schema(Name = "BlockStats")]
internal sealed partial record StatisticsEntry(
    Statistics Stats,
    string? Device = null,
    string? Qdev = null,
    string? NodeName = null,
    DriverStatistics? DriverSpecific = null,
    StatisticsEntry? Parent = null,
    StatisticsEntry? Backing = null
)
{
    /// <summary>Describes <paramref name="node"/> with the node of its storage and, where a device is described, the images behind.</summary>
    public static StatisticsEntry Of(BlockNode node, bool deep) =>
        new(
            Statistics.Of(node),
            Device: null,
            Qdev: null,
            node.Name,
            DriverStatistics.Of(node),
            node.PrimaryChild is { } storage ? Of(storage.Node, deep) : null,
            deep && node.BackingChild is { } backing ? Of(backing.Node, deep) : null
        );

    /// <summary>Describes a device.</summary>
    public static StatisticsEntry Of(ExportedDevice device)
    {
        var stats = Statistics.Of(device.Node, device.Users);
        var qdev = device.Drive?.Device?.BlockId;
        return device.Node is { } node
            ? Of(node, deep: true) with
            {
                Device = device.Name,
                Qdev = qdev,
                Stats = stats,
            }
            : new StatisticsEntry(stats, device.Name, qdev);
    }
}
