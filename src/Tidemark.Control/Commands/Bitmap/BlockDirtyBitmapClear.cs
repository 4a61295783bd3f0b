using Tidemark.Bitmaps;
using Tidemark.Control.Transactions;

namespace Tidemark.Control.Commands.Bitmap;

/// <summary>block-dirty-bitmap-clear: no bit stays set (contract Q3).</summary>
internal sealed class BlockDirtyBitmapClear()
    : TransactionAction<BitmapArguments>("block-dirty-bitmap-clear", BitmapArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask<TransactionStep> PrepareAsync(BitmapArguments data, TransactionScope scope)
    {
        scope.RequireIndividual(Name);
        var bitmap = scope.Context.RequireBitmap(data);
        bitmap.Check(BitmapAccess.Modify);
        bitmap.Clear(out var saved);
        return new(new ContentStep(bitmap, saved));
    }
}
