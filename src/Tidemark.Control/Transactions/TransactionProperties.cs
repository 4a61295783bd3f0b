using Tidemark.Core.Schema;

namespace Tidemark.Control.Transactions;

/// <summary>What holds for a transaction as a whole.</summary>
[Schema]
internal sealed partial record TransactionProperties(CompletionMode? CompletionMode = null);
