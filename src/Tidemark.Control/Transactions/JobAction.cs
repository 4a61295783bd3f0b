using Tidemark.Core.Schema;
using Tidemark.Jobs;

namespace Tidemark.Control.Transactions;

/// <summary>
/// The action, and by it the command, that starts a kind of job. Preparing makes the job, whose point in time that is; committing lets
/// it begin.
/// </summary>
internal sealed class JobAction(JobDefinition definition)
    : TransactionAction<object>(definition.Command, SchemaCodec.Untyped(definition.Arguments))
{
    /// <inheritdoc/>
    public override bool NeedsDrain => true;

    /// <inheritdoc/>
    protected override async ValueTask<TransactionStep> PrepareAsync(object data, TransactionScope scope)
    {
        var job = await definition.CreateAsync(new JobContext(scope.Context.Graph, scope.Context.Jobs), data);
        if (scope.Jobs is { } together)
        {
            job.Join(together);
        }
        return new Step(job);
    }

    private sealed class Step(Job job) : TransactionStep
    {
        public override ValueTask CommitAsync()
        {
            job.Start();
            return ValueTask.CompletedTask;
        }

        public override ValueTask AbortAsync() => job.AbandonAsync();
    }
}
