using System.Buffers.Binary;
using System.Text;
using Tidemark.Bitmaps;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Qcow2.Bitmaps;

/// <summary>Storing, and taking one out.</summary>
internal sealed partial class StoredBitmaps
{
    /// <summary>
    /// Stores all persistent bitmaps, so that none is in use any more but the inconsistent ones. Throws <see cref="BlockException"/>;
    /// on disk all is then as it was before.
    /// </summary>
    public async ValueTask StoreAsync()
    {
        var stored = image.Bitmaps.Where(WantsStoring).ToList();
        if (stored.Count == 0)
        {
            return;
        }
        var fresh = new List<(long Offset, long Bytes)>();
        var stale = new List<(long Offset, long Bytes)>();
        var next = new BitmapDirectory();
        next.Entries.AddRange(directory.Entries);
        try
        {
            foreach (var bitmap in stored)
            {
                await StoreOneAsync(bitmap, next, fresh, stale);
            }
            if (next.Entries.Count > StoredBitmapLimits.Bitmaps)
            {
                throw Refuse("Too many persistent bitmaps", IoStatus.Overflow);
            }
            await SwitchAsync(next, fresh, stale);
        }
        catch
        {
            // Nothing durable refers to what is new. If freeing it fails, too, it is a leak.
            foreach (var (offset, bytes) in fresh)
            {
                await image.FreeAsync(offset, bytes);
            }
            throw;
        }
        await FreeAllAsync(stale);
    }

    /// <summary>
    /// The image goes to another process: what was stored, or could only be removed, is the node's no more. Those that travel by
    /// another way stay.
    /// </summary>
    public void Release()
    {
        foreach (
            var bitmap in image.Bitmaps.Where(static b => b is { IsPersistent: true, SkipStore: false, IsBusy: false }).ToList()
        )
        {
            image.Bitmaps.Remove(bitmap);
        }
        // Not on disk: whoever has the image now has them in use, or soon will.
        directory.Entries.ForEach(static e => e.Flags |= BitmapDirectoryEntry.InUseFlag);
    }

    /// <summary>As <see cref="Release"/> where nothing could be written: what is not in the image stays, or it would be lost.</summary>
    public void ReleaseUnwritten()
    {
        var names = directory.Entries.Select(static entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        foreach (
            var bitmap in image.Bitmaps.Where(b => b is { IsPersistent: true, IsBusy: false } && names.Contains(b.Name!)).ToList()
        )
        {
            image.Bitmaps.Remove(bitmap);
        }
    }

    /// <summary>
    /// As <see cref="StoreAsync"/> when the image is closed: a failure becomes a line for people, since nothing can be done about it
    /// any more, and the bitmaps stay in use on disk.
    /// </summary>
    public async ValueTask StoreOrWarnAsync()
    {
        try
        {
            if (image.IsReadOnly && image.Bitmaps.Any(WantsStoring))
            {
                throw Refuse("No write access", IoStatus.AccessDenied);
            }
            await StoreAsync();
        }
        catch (BlockException error)
        {
            image.Warn($"Lost persistent bitmaps during inactivation of node '{image.NodeName}': {error.Message}");
        }
    }

    private static bool WantsStoring(DirtyBitmap bitmap) =>
        bitmap is { IsPersistent: true, IsInconsistent: false, IsReadOnly: false, SkipStore: false, Name: not null };

    /// <summary>Takes the bitmap out of the image, durably; none of that name is no error. Throws <see cref="BlockException"/>.</summary>
    public async ValueTask RemoveAsync(string name)
    {
        if (directory.Find(name) is not { } entry)
        {
            return;
        }
        var stale = new List<(long Offset, long Bytes)>();
        await CollectAsync(entry, stale);
        var fresh = new List<(long Offset, long Bytes)>();
        var next = new BitmapDirectory();
        next.Entries.AddRange(directory.Entries.Where(e => e != entry));
        try
        {
            await SwitchAsync(next, fresh, stale);
        }
        catch (BlockException error)
        {
            foreach (var (offset, bytes) in fresh)
            {
                await image.FreeAsync(offset, bytes);
            }
            throw error.Prefixed("Failed to update bitmap extension");
        }
        await FreeAllAsync(stale);
    }

    /// <summary>Writes a bitmap's data and table, and lets the coming directory point there.</summary>
    private async ValueTask StoreOneAsync(
        DirtyBitmap bitmap,
        BitmapDirectory next,
        List<(long Offset, long Bytes)> fresh,
        List<(long Offset, long Bytes)> stale
    )
    {
        var name = bitmap.Name!; // the caller left nameless ones out
        CheckShape(name, bitmap.Granularity);
        if (image.SizeBytes == 0)
        {
            // The format knows no table without entries.
            throw Refuse($"Bitmap '{name}' can't be stored: the disk has no bytes", IoStatus.InvalidArgument);
        }
        var index = next.Entries.FindIndex(e => e.Name == name);
        var nameBytes = index < 0 ? Encoding.UTF8.GetBytes(name) : next.Entries[index].NameBytes.ToArray();
        if (index >= 0)
        {
            await CollectAsync(next.Entries[index], stale);
        }
        var table = await WriteDataAsync(bitmap, fresh);
        var entry = new BitmapDirectoryEntry(nameBytes)
        {
            GranularityBits = (int)long.Log2(bitmap.Granularity),
            Flags = bitmap.IsRecording ? BitmapDirectoryEntry.AutoFlag : 0,
            TableEntries = (uint)(table.Length / sizeof(ulong)),
            TableOffset = await WriteNewAsync(table, fresh, $"Failed to write bitmap '{name}' to file"),
        };
        if (index < 0)
        {
            next.Entries.Add(entry);
        }
        else
        {
            next.Entries[index] = entry;
        }
    }

    /// <summary>Writes the data of a bitmap, all-clean and all-dirty clusters left out; gives its table as bytes.</summary>
    private async ValueTask<byte[]> WriteDataAsync(DirtyBitmap bitmap, List<(long Offset, long Bytes)> fresh)
    {
        var content = bitmap.Content;
        var clusters = (int)Alignment.DivideUp(content.ContentBytes, ClusterSize);
        var table = new byte[clusters * sizeof(ulong)];
        var most = Math.Max(1, TransferBytes >> ClusterBits);
        using var buffer = AlignedBufferPool.Shared.Rent(most << ClusterBits);
        var waiting = new List<int>(most);
        for (var i = 0; i < clusters; i++)
        {
            var part = PartOf(content, i, 1);
            if (content.IsAllZero(part))
            {
                continue;
            }
            var target = buffer.GetSpan().Slice(waiting.Count << ClusterBits, ClusterSize);
            _ = content.Serialize(part, target);
            if (!target.ContainsAnyExcept((byte)0xff))
            {
                BinaryPrimitives.WriteUInt64BigEndian(table.AsSpan(i * sizeof(ulong)), BitmapTableEntry.Ones.Value);
                continue;
            }
            waiting.Add(i);
            if (waiting.Count == most)
            {
                await WriteOutAsync(bitmap, buffer.Memory, waiting, table, fresh);
            }
        }
        await WriteOutAsync(bitmap, buffer.Memory, waiting, table, fresh);
        return table;
    }

    private async ValueTask WriteOutAsync(
        DirtyBitmap bitmap,
        ReadOnlyMemory<byte> buffer,
        List<int> waiting,
        byte[] table,
        List<(long Offset, long Bytes)> fresh
    )
    {
        if (waiting.Count == 0)
        {
            return;
        }
        var offset = await WriteNewAsync(
            buffer[..(waiting.Count << ClusterBits)],
            fresh,
            $"Failed to write bitmap '{bitmap.Name}' to file"
        );
        for (var i = 0; i < waiting.Count; i++)
        {
            var entry = BitmapTableEntry.At(offset + ((long)i << ClusterBits));
            BinaryPrimitives.WriteUInt64BigEndian(table.AsSpan(waiting[i] * sizeof(ulong)), entry.Value);
        }
        waiting.Clear();
    }

    /// <summary>Writes <paramref name="data"/> into clusters of its own, in one piece; gives where. Throws <see cref="BlockException"/>.</summary>
    private async ValueTask<long> WriteNewAsync(ReadOnlyMemory<byte> data, List<(long Offset, long Bytes)> fresh, string failure)
    {
        var clusters = Alignment.DivideUp(data.Length, ClusterSize);
        var (status, offset) = await image.AllocateAsync(clusters);
        if (status == IoStatus.Ok)
        {
            fresh.Add((offset, clusters << ClusterBits));
            status = await image.WriteAsync(offset, data);
        }
        return status == IoStatus.Ok ? offset : throw new BlockException(status, failure);
    }

    /// <summary>
    /// Lets the header point to <paramref name="next"/>: the moment at which the new bitmaps are in the image. The old directory
    /// joins what is stale.
    /// </summary>
    private async ValueTask SwitchAsync(
        BitmapDirectory next,
        List<(long Offset, long Bytes)> fresh,
        List<(long Offset, long Bytes)> stale
    )
    {
        var length = next.Length;
        if (length > StoredBitmapLimits.DirectoryBytes)
        {
            throw Refuse("Bitmap directory is too large", IoStatus.InvalidArgument);
        }
        BitmapsExtension? there = null;
        if (next.Entries.Count > 0)
        {
            var offset = await WriteNewAsync(next.Serialise(), fresh, "Failed to update bitmap extension");
            there = new(next.Entries.Count, offset, length);
            // What the header will point to, and the refcounts of it, come before the pointer.
            await RequireAsync(image.FlushAsync());
        }
        var before = extension;
        try
        {
            await PointHeaderAsync(before, there);
        }
        catch
        {
            // The new one may be on the medium all the same, with bitmaps that nobody has in use: that must not stand while a guest
            // goes on writing.
            StoredBitmapsHeader.Write(image.Header, before);
            if (!await image.RestoreHeaderAsync())
            {
                // The header on disk may be either: what both point to must stay.
                fresh.Clear();
            }
            throw;
        }
        if (before is { } old)
        {
            stale.Add((old.DirectoryOffset, old.DirectorySize));
        }
        (directory, extension) = (next, there);
        NoteDirectory();
    }

    /// <summary>
    /// The extension and the autoclear bit are in different sectors: whichever of the two may be alone on disk after a crash, it must
    /// be the extension, which is then not relied upon.
    /// </summary>
    private async ValueTask PointHeaderAsync(BitmapsExtension? before, BitmapsExtension? after)
    {
        if (before is null || after is null)
        {
            StoredBitmapsHeader.Write(image.Header, before ?? after);
            image.Header.AutoclearFeatures &= ~Header.Qcow2Features.Bitmaps;
            await RequireAsync(image.UpdateHeaderAsync());
        }
        StoredBitmapsHeader.Write(image.Header, after);
        await RequireAsync(image.UpdateHeaderAsync());
    }

    private static async ValueTask RequireAsync(ValueTask<IoStatus> step)
    {
        var status = await step;
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, "Failed to update bitmap extension");
        }
    }

    /// <summary>Collects the clusters of a stored bitmap: its table, and the data, as far as they lie in the file at all.</summary>
    private async ValueTask CollectAsync(BitmapDirectoryEntry entry, List<(long Offset, long Bytes)> stale)
    {
        if (entry.TableOffset >= image.FileLength)
        {
            return;
        }
        var bytes = new byte[entry.TableBytes];
        var status = await image.ReadAsync(entry.TableOffset, bytes);
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, $"Could not read bitmap_table table from image for bitmap '{entry.Name}'");
        }
        for (var i = 0; i < entry.TableEntries; i++)
        {
            var item = new BitmapTableEntry(BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(i * sizeof(ulong))));
            if (item.Offset != 0 && item.Offset < image.FileLength && item.IsValid(ClusterBits))
            {
                stale.Add((item.Offset, ClusterSize));
            }
        }
        stale.Add((entry.TableOffset, entry.TableBytes));
    }

    private async ValueTask FreeAllAsync(List<(long Offset, long Bytes)> stale)
    {
        foreach (var (offset, bytes) in stale)
        {
            // A failure leaves a leak, and the bitmaps are stored all the same.
            await image.FreeAsync(offset, bytes);
        }
    }
}
