using Tidemark.Core.Schema;

namespace Tidemark.Control.Transactions;

/// <summary>How the jobs that a transaction starts end (ActionCompletionMode).</summary>
[Schema(Name = "ActionCompletionMode")]
public enum CompletionMode
{
    /// <summary>Each on its own.</summary>
    Individual,

    /// <summary>None succeeds before all are ready; one that fails takes the others along.</summary>
    Grouped,
}
