using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Bitmaps;

/// <summary>
/// The bitmaps that an image stores (qcow2 spec, "Bitmaps"; contract P1 to P6): loading them into the node's set, marking them in
/// use while the image is written, storing them when that ends, and taking one out.
/// </summary>
/// <remarks>
/// <code>
///   header extension -&gt; directory ----------------------&gt; table (an entry per cluster of data)
///                       [ name, granularity, flags ]       [ 0: clean | 1: all dirty | offset ] -&gt; data
/// </code>
/// What lies on disk is never changed in place but for the flag "in use" of every entry, which is set before the first write of
/// the guest. Storing writes data, tables and a new directory into fresh clusters, flushes, and then lets the header point there;
/// only then are the old clusters freed. So a crash leaves the old bitmaps, in use and thus not to be relied upon, or the new
/// ones, and leaked clusters at worst. Whoever calls holds the image's lock or has the image to himself.
/// </remarks>
internal sealed partial class StoredBitmaps(IBitmapImage image)
{
    private BitmapDirectory directory = new();
    private BitmapsExtension? extension;

    private int ClusterBits => image.Header.ClusterBits;

    private int ClusterSize => 1 << ClusterBits;

    /// <summary>Bitmaps in the image now.</summary>
    public int Count => directory.Entries.Count;

    /// <summary>Whether a bitmap of this name is in the image.</summary>
    public bool Contains(string name) => directory.Find(name) is not null;

    /// <summary>The bitmaps in the image as its directory has them, in its order.</summary>
    public IReadOnlyList<StoredBitmapInfo> List() =>
        directory.Entries.ConvertAll(static e => new StoredBitmapInfo(e.Name, 1L << e.GranularityBits, e.IsInUse, e.IsAuto));

    /// <summary>
    /// Throws <see cref="BlockException"/>, with the reference's reason, if no bitmap of this name and granularity (bytes) can be
    /// stored beside those that the image has or will have at its next storing.
    /// </summary>
    public void CheckCanStore(string name, long granularity)
    {
        try
        {
            if (image.Header.Version < 3)
            {
                throw Refuse("Cannot store dirty bitmaps in qcow2 v2 files", IoStatus.NotSupported);
            }
            CheckShape(name, granularity);
            CheckRoom(name);
        }
        catch (BlockException error)
        {
            throw error.Prefixed($"Can't make bitmap '{name}' persistent in '{image.NodeName}'");
        }
    }

    /// <summary>Throws <see cref="BlockException"/> if the stored bitmaps stand against another size of the disk.</summary>
    public void CheckCanResize()
    {
        if (image.Header.Version < 3 && Count > 0)
        {
            throw Refuse("Cannot resize v2 image with bitmaps", IoStatus.NotSupported);
        }
        foreach (var entry in directory.Entries)
        {
            if (image.Bitmaps.Find(entry.Name) is not { } bitmap)
            {
                throw Refuse($"Bitmap '{entry.Name}' is not loaded, and the image can't be resized", IoStatus.NotSupported);
            }
            bitmap.Check(BitmapAccess.Consistent);
        }
    }

    private void CheckShape(string name, long granularity)
    {
        if (granularity < 1L << StoredBitmapLimits.MinGranularityBits)
        {
            throw Refuse(
                $"Granularity is under minimum ({1L << StoredBitmapLimits.MinGranularityBits} bytes)",
                IoStatus.InvalidArgument
            );
        }
        if (granularity > 1L << StoredBitmapLimits.MaxGranularityBits)
        {
            throw Refuse(
                $"Granularity exceeds maximum ({1L << StoredBitmapLimits.MaxGranularityBits} bytes)",
                IoStatus.InvalidArgument
            );
        }
        if (System.Text.Encoding.UTF8.GetByteCount(name) > StoredBitmapLimits.NameBytes)
        {
            throw Refuse($"Name length exceeds maximum ({StoredBitmapLimits.NameBytes} characters)", IoStatus.InvalidArgument);
        }
        if (!Fits(granularity))
        {
            throw Refuse("Too much space will be occupied by the bitmap. Use larger granularity", IoStatus.InvalidArgument);
        }
    }

    private bool Fits(long granularity)
    {
        var bytes = BitmapDirectoryEntry.DataBytesFor(image.SizeBytes, (int)long.Log2(granularity));
        return bytes <= StoredBitmapLimits.DataBytes && bytes <= (long)StoredBitmapLimits.TableEntries << ClusterBits;
    }

    private void CheckRoom(string name)
    {
        var count = Count;
        var bytes = directory.Length + LengthOf(name);
        foreach (var bitmap in image.Bitmaps)
        {
            if (bitmap is { IsPersistent: true, Name: { } other } && !Contains(other))
            {
                count++;
                bytes += LengthOf(other);
            }
        }
        if (count >= StoredBitmapLimits.Bitmaps)
        {
            throw Refuse("Maximum number of persistent bitmaps is already reached", IoStatus.Overflow);
        }
        if (bytes > StoredBitmapLimits.DirectoryBytes)
        {
            throw Refuse("Not enough space in the bitmap directory", IoStatus.InvalidArgument);
        }
    }

    private static int LengthOf(string name) => new BitmapDirectoryEntry(System.Text.Encoding.UTF8.GetBytes(name)).Length;

    private static BlockException Refuse(string message, IoStatus status) =>
        new(BlockException.KindOf(status), message) { Status = status };
}
