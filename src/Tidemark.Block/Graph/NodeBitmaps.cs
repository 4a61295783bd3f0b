using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Graph;

/// <summary>What is done to a node's bitmaps by name, with what its driver has to say about stored ones. On the loop.</summary>
public static class NodeBitmaps
{
    /// <summary>
    /// Adds a bitmap; a persistent one must be such as the node's image can store. <paramref name="granularity"/> in bytes, null
    /// for the default. Throws <see cref="BlockException"/>. Contract B3, B7, P1, Q1.
    /// </summary>
    public static async ValueTask<DirtyBitmap> AddAsync(
        BlockNode node,
        string name,
        long? granularity,
        bool persistent,
        bool recording
    )
    {
        if (name.Length == 0)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Bitmap name cannot be empty");
        }
        var bytes = granularity ?? node.Bitmaps.DefaultGranularity;
        _ = BitmapGranularity.Require(bytes);
        if (persistent)
        {
            await RequireStore(node).CheckCanStoreAsync(name, bytes);
        }
        return node.Bitmaps.Add(name, bytes, persistent, recording);
    }

    /// <summary>Removes a bitmap, out of the image too, where it is gone at once. Throws <see cref="BlockException"/>. Contract Q2.</summary>
    public static async ValueTask RemoveAsync(BlockNode node, DirtyBitmap bitmap)
    {
        bitmap.Check(BitmapAccess.Remove);
        if (bitmap is { IsPersistent: true, Name: { } name } && FindStore(node) is { } store)
        {
            await store.RemoveStoredAsync(name);
        }
        node.Bitmaps.Remove(bitmap);
    }

    /// <summary>The bitmap of this name, fit for <paramref name="access"/>; throws "Dirty bitmap 'x' not found" or why it is not fit.</summary>
    public static DirtyBitmap Require(BlockNode node, string name, BitmapAccess access)
    {
        var bitmap = node.Bitmaps.Find(name) ?? throw NotFound(name);
        bitmap.Check(access);
        return bitmap;
    }

    /// <summary>"Dirty bitmap 'x' not found".</summary>
    public static BlockException NotFound(string name) => new(BlockErrorKind.NotFound, $"Dirty bitmap '{name}' not found");

    /// <summary>The driver that stores the node's bitmaps; throws "Can't store persistent bitmaps to x: …".</summary>
    public static IBitmapStore RequireStore(BlockNode node) =>
        FindStore(node)
        ?? throw new BlockException(IoStatus.NotSupported, $"Can't store persistent bitmaps to {node.DeviceOrNodeName}");

    private static IBitmapStore? FindStore(BlockNode node) => node.Driver as IBitmapStore;
}
