using Tidemark.Bitmaps;

namespace Tidemark.Block.Contract;

/// <summary>A driver that keeps named bitmaps in its image (qcow2). Loading and storing happen inside open, close and reopen.</summary>
public interface IBitmapStore
{
    /// <summary>Throws <see cref="Core.Errors.BlockException"/> with the reason if a bitmap of this name and granularity (bytes) can't be stored.</summary>
    ValueTask CheckCanStoreAsync(string name, long granularity);

    /// <summary>Takes the bitmap out of the image, at once and durably. One that the image doesn't have is no error.</summary>
    ValueTask RemoveStoredAsync(string name);

    /// <summary>The bitmaps that the image holds as its metadata has them, for qemu-img info.</summary>
    IReadOnlyList<StoredBitmapInfo> ListStored();
}
