using Tidemark.Control.Queries;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Block;

/// <summary>query-named-block-nodes: every node, the newest first; flat leaves out the images behind each.</summary>
internal sealed partial class QueryNamedBlockNodes(ControlContext context)
    : QmpCommand<QueryNamedBlockNodes.Arguments, IReadOnlyList<NodeInfo>>(
        "query-named-block-nodes",
        Arguments.Codec,
        SchemaCodec.List(NodeInfo.Codec)
    )
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(bool? Flat = null);

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<NodeInfo>> RunAsync(Arguments arguments) =>
        new([
            .. context
                .Graph.Nodes.Reverse()
                .Where(static node => node.IsOpen)
                .Select(node => NodeInfo.Of(node, deep: arguments.Flat != true)),
        ]);
}
