using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Transactions;

/// <summary>Reads "transaction"'s arguments; the union of actions is made from the kinds that the process has.</summary>
internal sealed class TransactionArgumentsCodec(IReadOnlyList<TransactionAction> actions) : ObjectCodec<TransactionArguments>
{
    private readonly SchemaCodec<IReadOnlyList<BoundAction>> list = SchemaCodec.List(
        new UnionCodec<BoundAction>("TransactionAction", "type", [.. actions.Select(action => new ActionBranch(action))])
    );

    /// <inheritdoc/>
    public override string Name => "transaction";

    /// <inheritdoc/>
    public override TransactionArguments ReadMembers(ObjectReader reader) =>
        new(reader.Required("actions", list), reader.OptionalReference("properties", TransactionProperties.Codec));

    /// <inheritdoc/>
    public override void WriteMembers(TransactionArguments value, JsonObject target) =>
        throw Invariant.Unreachable("actions are read, never written");

    /// <inheritdoc/>
    protected override IReadOnlyList<SchemaMember> ListMembers() =>
        [
            new SchemaMember("actions", list, IsOptional: false),
            new SchemaMember("properties", TransactionProperties.Codec, IsOptional: true),
        ];
}
