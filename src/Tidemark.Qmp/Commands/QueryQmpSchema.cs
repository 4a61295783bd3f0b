using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Schema;

namespace Tidemark.Qmp.Commands;

/// <summary>query-qmp-schema: every command, event and type, types under masking numbers as the reference has them.</summary>
public sealed class QueryQmpSchema(QmpCommandTable table)
    : QmpCommand<NoArguments, IReadOnlyList<JsonValue>>("query-qmp-schema", NoArguments.Codec, SchemaCodec.List(SchemaCodec.Any))
{
    private IReadOnlyList<JsonValue>? described;

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<JsonValue>> RunAsync(NoArguments arguments) =>
        new(described ??= new SchemaDescriber(table.Definitions).Describe(table));
}
