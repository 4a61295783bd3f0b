using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Control.Transactions;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Bitmap;

/// <summary>block-dirty-bitmap-add: a bitmap that records from now on (contract Q1).</summary>
internal sealed partial class BlockDirtyBitmapAdd()
    : TransactionAction<BlockDirtyBitmapAdd.Arguments>("block-dirty-bitmap-add", Arguments.Codec)
{
    /// <summary>What it takes; the granularity is in bytes.</summary>
    [Schema(Name = "BlockDirtyBitmapAdd")]
    internal sealed partial record Arguments(
        string Node,
        string Name,
        uint? Granularity = null,
        bool? Persistent = null,
        bool? Disabled = null
    );

    /// <inheritdoc/>
    protected override async ValueTask<TransactionStep> PrepareAsync(Arguments data, TransactionScope scope)
    {
        scope.RequireIndividual(Name);
        var node = scope.Context.Graph.Require(data.Node);
        var granularity = data.Granularity ?? node.Bitmaps.DefaultGranularity;
        var persistent = data.Persistent == true;
        if (data.Name.Length == 0)
        {
            BitmapNames.Require(data.Name, persistent: false);
        }
        _ = BitmapGranularity.Require(granularity);
        if (persistent && node.IsInactive)
        {
            // The image may hold one of this name, which would then never be read.
            throw new BlockException(
                BlockErrorKind.NotSupported,
                $"Can't store persistent bitmaps to {node.DeviceOrNodeName}: the node is inactive"
            );
        }
        if (persistent)
        {
            await CheckCanStoreAsync(node, data.Name, granularity);
        }
        var bitmap = node.Bitmaps.Add(data.Name, granularity, persistent, recording: data.Disabled != true);
        return TransactionStep.UndoBy(() => node.Bitmaps.Remove(bitmap));
    }

    private static ValueTask CheckCanStoreAsync(BlockNode node, string name, long granularity) =>
        node.Driver is IBitmapStore store
            ? store.CheckCanStoreAsync(name, granularity)
            : throw new BlockException(
                BlockErrorKind.NotSupported,
                $"Can't store persistent bitmaps to {node.DeviceOrNodeName}: {IoStatus.NotSupported.Describe()}"
            );
}
