using Tidemark.Jobs;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Transactions;

/// <summary>What the actions of one transaction share.</summary>
/// <param name="context">What they act upon.</param>
/// <param name="mode">How its jobs end.</param>
public sealed class TransactionScope(ControlContext context, CompletionMode mode)
{
    /// <summary>What they act upon.</summary>
    public ControlContext Context { get; } = context;

    /// <summary>How its jobs end.</summary>
    public CompletionMode Mode { get; } = mode;

    /// <summary>What the transaction's jobs join when they are to end together, else null.</summary>
    public JobTransaction? Jobs { get; } = mode == CompletionMode.Grouped ? new JobTransaction() : null;

    /// <summary>For actions without a job: refuses a transaction whose jobs are to end together.</summary>
    internal void RequireIndividual(string action)
    {
        if (Mode != CompletionMode.Individual)
        {
            throw new QmpException($"Action '{action}' does not support Transaction property completion-mode = {Mode.ToWord()}");
        }
    }
}
