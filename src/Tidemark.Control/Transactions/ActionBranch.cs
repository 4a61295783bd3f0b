using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Transactions;

/// <summary>A kind of action as a branch of the union that "transaction" takes.</summary>
internal sealed class ActionBranch(TransactionAction action) : UnionBranch<BoundAction>(action.Name)
{
    /// <inheritdoc/>
    public override IReadOnlyList<SchemaMember> Members { get; } = [new SchemaMember("data", action.Data, IsOptional: false)];

    /// <inheritdoc/>
    public override BoundAction Read(ObjectReader reader) => new(action, action.Read(reader));

    /// <inheritdoc/>
    public override bool Matches(BoundAction value) => value.Action == action;

    /// <inheritdoc/>
    public override void Write(BoundAction value, JsonObject target) =>
        throw Invariant.Unreachable("actions are read, never written");
}
