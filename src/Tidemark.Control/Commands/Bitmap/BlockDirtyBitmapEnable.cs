using Tidemark.Bitmaps;
using Tidemark.Control.Transactions;

namespace Tidemark.Control.Commands.Bitmap;

/// <summary>block-dirty-bitmap-enable: writes are recorded from now on (contract Q4).</summary>
internal sealed class BlockDirtyBitmapEnable()
    : TransactionAction<BitmapArguments>("block-dirty-bitmap-enable", BitmapArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask<TransactionStep> PrepareAsync(BitmapArguments data, TransactionScope scope)
    {
        scope.RequireIndividual(Name);
        var bitmap = scope.Context.RequireBitmap(data);
        bitmap.Check(BitmapAccess.Read);
        if (bitmap.IsRecording)
        {
            return new(TransactionStep.Done);
        }
        bitmap.Enable();
        return new(TransactionStep.UndoBy(bitmap.Disable));
    }
}
