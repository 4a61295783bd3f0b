using Tidemark.Control.Commands.Bitmap;
using Tidemark.Control.Fleecing;
using Tidemark.Control.Transactions;

namespace Tidemark.Control.Commands.Fleecing;

/// <summary>
/// x-tidemark-fleecing-start: from this moment on the past of a disk is kept, to be read through a node of its own, whatever its users
/// write; they need not know. As an action, several disks share the moment.
/// </summary>
internal sealed class FleecingStart() : TransactionAction<FleecingArguments>("x-tidemark-fleecing-start", FleecingArguments.Codec)
{
    /// <inheritdoc/>
    public override bool NeedsDrain => true;

    /// <inheritdoc/>
    protected override async ValueTask<TransactionStep> PrepareAsync(FleecingArguments data, TransactionScope scope)
    {
        scope.RequireIndividual(Name);
        var fleecing = scope.Context.Fleecing;
        var session = await fleecing.StartAsync(scope.Context.RequireNode(data.Node), data);
        return new Step(fleecing, session.Name);
    }

    private sealed class Step(FleecingRegistry fleecing, string name) : TransactionStep
    {
        public override ValueTask AbortAsync() => fleecing.StopAsync(name);
    }
}
