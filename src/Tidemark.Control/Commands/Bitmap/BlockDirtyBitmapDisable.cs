using Tidemark.Bitmaps;
using Tidemark.Control.Transactions;

namespace Tidemark.Control.Commands.Bitmap;

/// <summary>block-dirty-bitmap-disable: writes are no longer recorded (contract Q4).</summary>
internal sealed class BlockDirtyBitmapDisable()
    : TransactionAction<BitmapArguments>("block-dirty-bitmap-disable", BitmapArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask<TransactionStep> PrepareAsync(BitmapArguments data, TransactionScope scope)
    {
        scope.RequireIndividual(Name);
        var bitmap = scope.Context.RequireBitmap(data);
        bitmap.Check(BitmapAccess.Read);
        if (!bitmap.IsRecording)
        {
            return new(TransactionStep.Done);
        }
        bitmap.Disable();
        return new(TransactionStep.UndoBy(bitmap.Enable));
    }
}
