using Tidemark.Bitmaps;
using Tidemark.Control.Transactions;

namespace Tidemark.Control.Commands.Bitmap;

/// <summary>A bitmap's content was changed; the old one is kept until that is final.</summary>
internal sealed class ContentStep(DirtyBitmap bitmap, HierarchicalBitmap saved) : TransactionStep
{
    private bool wasRestored;

    /// <inheritdoc/>
    public override ValueTask AbortAsync()
    {
        bitmap.Restore(saved);
        wasRestored = true;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask CleanAsync()
    {
        if (!wasRestored)
        {
            saved.Dispose();
        }
        return ValueTask.CompletedTask;
    }
}
