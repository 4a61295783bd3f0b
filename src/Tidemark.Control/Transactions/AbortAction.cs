using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Transactions;

/// <summary>abort: fails its transaction, so that clients can see one being undone.</summary>
internal sealed class AbortAction() : TransactionAction<NoArguments>("abort", NoArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask<TransactionStep> PrepareAsync(NoArguments data, TransactionScope scope) =>
        throw new QmpException("Transaction aborted using Abort action");
}
