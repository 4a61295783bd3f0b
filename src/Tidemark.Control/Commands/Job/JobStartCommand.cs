using Tidemark.Core.Schema;
using Tidemark.Jobs;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Job;

/// <summary>The command that starts a kind of job which transactions don't have: block-stream, block-commit, …</summary>
internal sealed class JobStartCommand(JobDefinition definition, ControlContext context)
    : QmpCommand<object>(definition.Command, SchemaCodec.Untyped(definition.Arguments))
{
    /// <inheritdoc/>
    protected override async ValueTask RunAsync(object arguments)
    {
        var job = await definition.CreateAsync(new JobContext(context.Graph, context.Jobs), arguments);
        job.Start();
    }
}
