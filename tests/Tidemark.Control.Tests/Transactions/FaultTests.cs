using Tidemark.Control.Commands.Bitmap;
using Tidemark.Control.Transactions;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Tests.Transactions;

/// <summary>A fault of our own in a command: the client gets an answer, learns nothing of our insides, and nothing is half done.</summary>
public sealed class FaultTests
{
    [Fact]
    public void A_fault_undoes_what_came_before_it_and_is_told_to_the_log_alone() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'n','name':'b'}");
            daemon.Table.Add(new FaultCommand(daemon.Context));
            Assert.Equal("Internal error in command 'fault'", await daemon.RefusedAsync("fault"));
            Assert.Contains("a path inside", Assert.Single(daemon.Faults), StringComparison.Ordinal);
            Assert.Equal(["b 0/65536 recording"], await daemon.BitmapsAsync("n"));
            Assert.False(daemon.Graph.FindNode("n")!.IsDrained);
            // Commands go on.
            await daemon.OkAsync("block-dirty-bitmap-remove", "{'node':'n','name':'b'}");
        });

    private sealed class FaultCommand(ControlContext context) : QmpCommand<NoArguments>("fault", NoArguments.Codec)
    {
        protected override ValueTask RunAsync(NoArguments arguments) =>
            TransactionRunner.RunAsync(
                new TransactionScope(context, CompletionMode.Individual),
                [
                    new BoundAction(new BlockDirtyBitmapRemove(), new BitmapArguments("n", "b")),
                    new BoundAction(new FaultyAction(), new NoArguments()),
                ],
                drain: true
            );
    }

    private sealed class FaultyAction() : TransactionAction<NoArguments>("faulty", NoArguments.Codec)
    {
        protected override ValueTask<TransactionStep> PrepareAsync(NoArguments data, TransactionScope scope) =>
            throw new InvalidOperationException("a path inside");
    }
}
