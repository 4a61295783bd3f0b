using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Control.Transactions;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>blockdev-snapshot-internal-sync: keeps a disk as it is within its image (contract T2).</summary>
internal sealed partial class BlockdevSnapshotInternalSync()
    : TransactionAction<BlockdevSnapshotInternalSync.Arguments>("blockdev-snapshot-internal-sync", Arguments.Codec)
{
    /// <summary>What it takes: the device, and the snapshot's name, which none of its snapshots has.</summary>
    [Schema(Name = "BlockdevSnapshotInternal")]
    internal sealed partial record Arguments(string Device, string Name);

    /// <inheritdoc/>
    public override bool NeedsDrain => true;

    /// <inheritdoc/>
    protected override async ValueTask<TransactionStep> PrepareAsync(Arguments data, TransactionScope scope)
    {
        scope.RequireIndividual(Name);
        var node = InternalSnapshots.Require(scope.Context.Graph, data.Device, BlockOperation.InternalSnapshot);
        if (node.IsReadOnly)
        {
            throw new QmpException($"Device '{data.Device}' is read only");
        }
        if (InternalSnapshots.FindDriver(node) is not { } driver)
        {
            throw new QmpException(
                $"Block format '{node.Definition.Name}' used by device '{data.Device}' does not support internal snapshots"
            );
        }
        if (data.Name.Length == 0)
        {
            throw new QmpException("Name is empty");
        }
        if (SnapshotInfo.Find(driver.Snapshots, null, data.Name) is not null)
        {
            throw new QmpException($"Snapshot with name '{data.Name}' already exists on device '{data.Device}'");
        }
        try
        {
            return new Step(node, driver, await driver.CreateSnapshotAsync(Describe(data.Name, node.Graph.Loop.Time)));
        }
        catch (BlockException error)
        {
            throw new BlockException(error.Status, $"Failed to create snapshot '{data.Name}' on device '{data.Device}'");
        }
    }

    // A daemon's clock has always run: it is the time of day, as with the reference.
    private static SnapshotInfo Describe(string name, TimeProvider time)
    {
        var nanoseconds = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        return new("", name)
        {
            DateSeconds = nanoseconds / 1_000_000_000,
            DateNanoseconds = (int)(nanoseconds % 1_000_000_000),
            VmClockNanoseconds = (ulong)nanoseconds,
        };
    }

    private sealed class Step(BlockNode node, ISnapshotDriver driver, SnapshotInfo made) : TransactionStep
    {
        public override async ValueTask AbortAsync()
        {
            try
            {
                await driver.DeleteSnapshotAsync(made);
            }
            catch (BlockException error)
            {
                node.Graph.Warn(
                    $"Failed to delete snapshot with id '{made.Id}' and name '{made.Name}' on device '{node.Name}' in abort: {error.Message}"
                );
            }
        }
    }
}
