using Tidemark.Block.Contract;
using Tidemark.Block.Create;
using Tidemark.Block.Graph;
using Tidemark.Control.Transactions;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>blockdev-snapshot-sync: makes or opens an overlay file and puts it above a node (contract T2).</summary>
internal sealed partial class BlockdevSnapshotSync()
    : TransactionAction<BlockdevSnapshotSync.Arguments>("blockdev-snapshot-sync", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    /// <param name="SnapshotFile">Name of the overlay's file.</param>
    /// <param name="Device">The device whose node becomes the backing file.</param>
    /// <param name="NodeName">Or the node itself.</param>
    /// <param name="SnapshotNodeName">Name of the overlay's node; required with a node's name.</param>
    /// <param name="Format">The overlay's format, by default qcow2.</param>
    /// <param name="Mode">Whether the file is made, or is there already.</param>
    [Schema(Name = "BlockdevSnapshotSync")]
    internal sealed partial record Arguments(
        [Wire("snapshot-file")] string SnapshotFile,
        string? Device = null,
        string? NodeName = null,
        string? SnapshotNodeName = null,
        string? Format = null,
        NewImageMode? Mode = null
    );

    /// <inheritdoc/>
    public override bool NeedsDrain => true;

    /// <inheritdoc/>
    protected override async ValueTask<TransactionStep> PrepareAsync(Arguments data, TransactionScope scope)
    {
        scope.RequireIndividual(Name);
        var graph = scope.Context.Graph;
        var node = await OverlayStep.RequireBaseAsync(graph, data.Device, data.NodeName);
        if (data.NodeName is not null && data.SnapshotNodeName is null)
        {
            throw new QmpException("New overlay node-name missing");
        }
        if (data.SnapshotNodeName is { } name && graph.TryFind(name, out _))
        {
            throw new QmpException("New overlay node-name already in use");
        }
        var format = data.Format ?? "qcow2";
        if ((data.Mode ?? NewImageMode.AbsolutePaths) != NewImageMode.Existing)
        {
            await NewImage.CreateAsync(graph, data.SnapshotFile, format, node.SizeBytes, node);
        }
        var overlay = await NewImage.OpenOverlayAsync(graph, data.SnapshotFile, format, data.SnapshotNodeName, node);
        try
        {
            return await OverlayStep.PutAsync(graph, node, overlay, ownsOverlay: true);
        }
        catch (BlockException)
        {
            await graph.ReleaseAsync(overlay);
            throw;
        }
    }
}
