using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Control.Queries;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>blockdev-snapshot-delete-internal-sync: lets go of an internal snapshot, and tells what it was.</summary>
internal sealed partial class BlockdevSnapshotDeleteInternalSync(ControlContext context)
    : QmpCommand<BlockdevSnapshotDeleteInternalSync.Arguments, SnapshotDescription>(
        "blockdev-snapshot-delete-internal-sync",
        Arguments.Codec,
        SnapshotDescription.Codec
    )
{
    /// <summary>What it takes: the device, and the snapshot's id or name or both.</summary>
    [Schema]
    internal sealed partial record Arguments(string Device, string? Id = null, string? Name = null);

    /// <inheritdoc/>
    protected override async ValueTask<SnapshotDescription> RunAsync(Arguments arguments)
    {
        var node = InternalSnapshots.Require(context.Graph, arguments.Device, BlockOperation.InternalSnapshotDelete);
        if (arguments is { Id: null, Name: null })
        {
            throw new QmpException("Name or id must be provided");
        }
        var driver =
            InternalSnapshots.FindDriver(node)
            ?? throw new QmpException($"Failed to get a snapshot list: {IoStatus.NotSupported.Describe()}");
        var found =
            SnapshotInfo.Find(driver.Snapshots, arguments.Id, arguments.Name)
            ?? throw new QmpException(
                $"Snapshot with id '{arguments.Id ?? "null"}' and name '{arguments.Name ?? "null"}' does not exist on device '{arguments.Device}'"
            );
        using var section = await context.Graph.DrainAsync(node);
        await driver.DeleteSnapshotAsync(found);
        return SnapshotDescription.Of(found);
    }
}
