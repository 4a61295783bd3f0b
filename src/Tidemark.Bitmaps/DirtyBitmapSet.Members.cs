using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps;

/// <summary>Adding, finding, removing.</summary>
public sealed partial class DirtyBitmapSet
{
    /// <summary>The bitmap of that name, or null.</summary>
    public DirtyBitmap? Find(string name) => named.TryGetValue(name, out var node) ? node.Value : null;

    /// <summary>
    /// A new bitmap, clean, in front of all others. <paramref name="granularity"/> in bytes; null for <see cref="DefaultGranularity"/>.
    /// Throws <see cref="BlockException"/> in the reference's words for a name or granularity that is not allowed, or a name that is
    /// taken. Whether the image can store a persistent one is the driver's to check, before.
    /// </summary>
    public DirtyBitmap Add(string name, long? granularity = null, bool persistent = false, bool recording = true)
    {
        var bitmap = Create(name, granularity ?? DefaultGranularity, persistent, recording);
        named.Add(name, order.AddFirst(bitmap));
        return bitmap;
    }

    /// <summary>
    /// A bitmap found in the image, clean until its driver fills <see cref="DirtyBitmap.Content"/>; in front of all others, as a new
    /// one is. Persistent. Throws <see cref="BlockException"/> as <see cref="Add"/> does.
    /// </summary>
    public DirtyBitmap AddLoaded(string name, long granularity, bool recording)
    {
        var bitmap = Create(name, granularity, persistent: true, recording);
        named.Add(name, order.AddFirst(bitmap));
        return bitmap;
    }

    /// <summary>
    /// A nameless helper of a job: never shown, addressed or stored (contract B4). Any power of two will do as granularity. Throws
    /// <see cref="BlockException"/> only when there is no memory for it.
    /// </summary>
    public DirtyBitmap AddAnonymous(long granularity, bool recording)
    {
        Invariant.That(long.IsPow2(granularity), "a granularity is a power of two");
        var content = new HierarchicalBitmap(SizeBytes, (int)long.Log2(granularity));
        var bitmap = new DirtyBitmap(this, null, content, recording);
        _ = order.AddFirst(bitmap);
        stale = true;
        return bitmap;
    }

    /// <summary>Takes <paramref name="bitmap"/>, which nobody may hold, from the node and gives its memory back.</summary>
    public void Remove(DirtyBitmap bitmap)
    {
        bitmap.Release();
        var wasHere = bitmap.Name is null ? order.Remove(bitmap) : Unlink(bitmap);
        Invariant.That(wasHere, "a bitmap is removed from the node it is on");
        stale = true;
    }

    /// <summary>Removes every bitmap, as when the node is closed and stored ones are on disk. Nobody may hold any.</summary>
    public void RemoveAll()
    {
        foreach (var bitmap in order)
        {
            bitmap.Release();
        }
        order.Clear();
        named.Clear();
        stale = true;
    }

    /// <summary>Gives <paramref name="bitmap"/> the place in the order that <paramref name="other"/> has, which comes behind it.</summary>
    internal void TakePlaceOf(DirtyBitmap bitmap, DirtyBitmap other)
    {
        var place = order.Find(other);
        Invariant.That(place is not null && bitmap.Name is not null, "a successor is on its parent's node");
        _ = Unlink(bitmap);
        named.Add(bitmap.Name, order.AddBefore(place, bitmap));
    }

    private DirtyBitmap Create(string name, long granularity, bool persistent, bool recording)
    {
        BitmapNames.Require(name, persistent: false);
        var bits = BitmapGranularity.Require(granularity);
        if (named.ContainsKey(name))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"Bitmap already exists: {name}")
            {
                Status = IoStatus.Exists,
            };
        }
        BitmapNames.Require(name, persistent);
        stale = true;
        return new DirtyBitmap(this, name, new HierarchicalBitmap(SizeBytes, bits), recording) { IsPersistent = persistent };
    }

    private bool Unlink(DirtyBitmap bitmap)
    {
        if (bitmap.Name is null || !named.TryGetValue(bitmap.Name, out var node) || node.Value != bitmap)
        {
            return false;
        }
        order.Remove(node);
        return named.Remove(bitmap.Name);
    }
}
