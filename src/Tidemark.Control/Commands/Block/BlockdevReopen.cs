using Tidemark.Control.Schema;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>blockdev-reopen: puts nodes under new options, all or none.</summary>
internal sealed partial class BlockdevReopen(ControlContext context)
    : QmpCommand<BlockdevReopen.Arguments>("blockdev-reopen", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments([Late(BlockdevOptionsCodec.Name)] IReadOnlyList<JsonObject> Options);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) =>
        arguments.Options.Count > 0
            ? context.Graph.ReopenAsync(arguments.Options)
            // The reference does not live to answer this.
            : throw new QmpException("Parameter 'options' expects at least one node");
}
