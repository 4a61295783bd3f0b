namespace Tidemark.Control.Transactions;

/// <summary>What "transaction" takes.</summary>
internal sealed record TransactionArguments(IReadOnlyList<BoundAction> Actions, TransactionProperties? Properties);
