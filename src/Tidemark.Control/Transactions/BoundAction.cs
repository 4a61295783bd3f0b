namespace Tidemark.Control.Transactions;

/// <summary>An action with its data, as a request has it.</summary>
internal sealed record BoundAction(TransactionAction Action, object Data);
