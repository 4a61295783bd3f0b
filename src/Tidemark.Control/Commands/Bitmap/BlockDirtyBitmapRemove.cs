using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Control.Transactions;

namespace Tidemark.Control.Commands.Bitmap;

/// <summary>block-dirty-bitmap-remove: a bitmap ceases to be, in its image too if it is stored (contract Q2).</summary>
internal sealed class BlockDirtyBitmapRemove()
    : TransactionAction<BitmapArguments>("block-dirty-bitmap-remove", BitmapArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask<TransactionStep> PrepareAsync(BitmapArguments data, TransactionScope scope)
    {
        scope.RequireIndividual(Name);
        var node = scope.Context.RequireNode(data.Node);
        var bitmap = node.RequireBitmap(data.Name);
        bitmap.Check(BitmapAccess.Remove);
        return ValueTask.FromResult<TransactionStep>(new Step(node, bitmap));
    }

    /// <summary>Until the end nobody else may have it, and it must not be stored again.</summary>
    private sealed class Step : TransactionStep
    {
        private readonly BlockNode node;
        private readonly DirtyBitmap bitmap;
        private readonly bool isLocked;

        public Step(BlockNode node, DirtyBitmap bitmap)
        {
            (this.node, this.bitmap) = (node, bitmap);
            bitmap.SkipStore = true;
            isLocked = !bitmap.IsInconsistent;
            if (isLocked)
            {
                bitmap.Lock();
            }
        }

        public override async ValueTask ConfirmAsync()
        {
            if (bitmap is { IsPersistent: true, Name: { } name } && node.Driver is IBitmapStore store)
            {
                await store.RemoveStoredAsync(name);
            }
        }

        public override ValueTask CommitAsync()
        {
            Unlock();
            node.Bitmaps.Remove(bitmap);
            return ValueTask.CompletedTask;
        }

        public override ValueTask AbortAsync()
        {
            Unlock();
            bitmap.SkipStore = false;
            return ValueTask.CompletedTask;
        }

        private void Unlock()
        {
            if (isLocked)
            {
                bitmap.Unlock();
            }
        }
    }
}
