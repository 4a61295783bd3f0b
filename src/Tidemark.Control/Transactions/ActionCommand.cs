using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Transactions;

/// <summary>The plain command of an action: a transaction of one.</summary>
internal sealed class ActionCommand<TData>(TransactionAction<TData> action, SchemaCodec<TData> codec, ControlContext context)
    : QmpCommand<TData>(action.Name, codec)
    where TData : class
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(TData arguments) =>
        TransactionRunner.RunAsync(
            new TransactionScope(context, CompletionMode.Individual),
            [new BoundAction(action, arguments)],
            action.NeedsDrain
        );
}
