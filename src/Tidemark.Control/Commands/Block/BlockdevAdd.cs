using Tidemark.Control.Schema;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Block;

/// <summary>blockdev-add: makes a node, and those that its options define inline.</summary>
internal sealed class BlockdevAdd(ControlContext context)
    : QmpCommand<JsonObject>("blockdev-add", SchemaCodec.Late(BlockdevOptionsCodec.Name))
{
    /// <inheritdoc/>
    protected override async ValueTask RunAsync(JsonObject arguments) => _ = await context.Graph.AddMonitorNodeAsync(arguments);
}
