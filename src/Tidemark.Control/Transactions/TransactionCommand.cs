using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Transactions;

/// <summary>transaction: several actions, all or none, at one point in time.</summary>
internal sealed class TransactionCommand(ControlContext context, IReadOnlyList<TransactionAction> actions)
    : QmpCommand<TransactionArguments>("transaction", new TransactionArgumentsCodec(actions))
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(TransactionArguments arguments) =>
        TransactionRunner.RunAsync(
            new TransactionScope(context, arguments.Properties?.CompletionMode ?? CompletionMode.Individual),
            arguments.Actions,
            drain: true
        );
}
