using Tidemark.Control.Queries;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Block;

/// <summary>
/// query-blockstats: the exported nodes as devices, or every node. Requests are counted where they come in: for a device those of
/// its exports' clients (the reference's daemon knows no devices and answers with an empty list), for a node none.
/// </summary>
internal sealed partial class QueryBlockStats(ControlContext context)
    : QmpCommand<QueryBlockStats.Arguments, IReadOnlyList<StatisticsEntry>>(
        "query-blockstats",
        Arguments.Codec,
        SchemaCodec.List(StatisticsEntry.Codec)
    )
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(bool? QueryNodes = null);

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<StatisticsEntry>> RunAsync(Arguments arguments) =>
        new(
            arguments.QueryNodes == true
                ?
                [
                    .. context
                        .Graph.Nodes.Where(static node => node.IsOpen)
                        .Select(static node => StatisticsEntry.Of(node, deep: false)),
                ]
                : [.. ExportedDevices.Of(context).Select(StatisticsEntry.Of)]
        );
}
