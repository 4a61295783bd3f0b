using Tidemark.Control.Commands.Bitmap;
using Tidemark.Control.Machine;
using Tidemark.Control.Transactions;
using Tidemark.Core.Async;
using Tidemark.Io.Contract;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Tests.Migration;

/// <summary>What a transaction has done and may yet undo is nobody else's: a migration waits for its end. Rules T4 and M1.</summary>
public sealed class TransactionDuringMigrationTests
{
    [Fact]
    public void A_migration_takes_no_bitmap_that_a_transaction_may_still_put_back() =>
        TestDaemon.Run(async daemon =>
        {
            var machine = new GuestlessMachine(daemon.Context);
            BuiltinCommands.AddMachine(daemon.Table, machine, static _ => new(""));
            machine.Run();
            await daemon.AddNodeAsync("n");
            _ = await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'n','name':'b'}");
            _ = await daemon.OkAsync(
                "migrate-set-capabilities",
                "{'capabilities':[{'capability':'dirty-bitmaps','state':true},{'capability':'pause-before-switchover','state':true}]}"
            );
            await using var listener = await daemon.Graph.Engine.ListenAsync(new SocketAddress.Unix($"{daemon.Folder}/m"), 1);
            var gate = new Gate();
            var transaction = TransactionRunner
                .RunAsync(
                    new TransactionScope(daemon.Context, CompletionMode.Individual),
                    [
                        new BoundAction(new BlockDirtyBitmapDisable(), new BitmapArguments("n", "b")),
                        new BoundAction(gate, new NoArguments()),
                    ],
                    drain: true
                )
                .AsTask();
            _ = await daemon.OkAsync("migrate", $"{{'uri':'unix:{daemon.Folder}/m'}}");
            await using var peer = await listener.AcceptAsync();
            await daemon.Graph.Loop.DelayAsync(TimeSpan.FromMilliseconds(20), CancellationToken.None);
            Assert.Equal(["b 0/65536"], await daemon.BitmapsAsync("n"));
            gate.Open();
            _ = await Assert.ThrowsAsync<QmpException>(() => transaction);
            while ((await daemon.BitmapsAsync("n"))[0] != "b 0/65536 recording busy")
            {
                await daemon.Graph.Loop.DelayAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None);
            }
            await machine.Migration.CloseAsync();
        });

    // Stands open only when told to, and refuses then.
    private sealed class Gate() : TransactionAction<NoArguments>("gate", NoArguments.Codec)
    {
        private readonly LoopSignal opened = new();

        public void Open() => opened.Wake();

        protected override async ValueTask<TransactionStep> PrepareAsync(NoArguments data, TransactionScope scope)
        {
            await opened.WaitAsync();
            throw new QmpException("The gate is closed behind you");
        }
    }
}
