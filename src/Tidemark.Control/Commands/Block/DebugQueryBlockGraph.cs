using Tidemark.Control.Queries;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Block;

/// <summary>x-debug-query-block-graph: nodes, backends and jobs with all edges between them and their permissions.</summary>
internal sealed class DebugQueryBlockGraph(ControlContext context)
    : QmpCommand<NoArguments, GraphInfo>("x-debug-query-block-graph", NoArguments.Codec, GraphInfo.Codec)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Features => ["unstable"];

    /// <inheritdoc/>
    protected override ValueTask<GraphInfo> RunAsync(NoArguments arguments) => new(GraphInfo.Of(context.Graph));
}
