using System.Buffers.Binary;
using Tidemark.Bitmaps;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Qcow2.Bitmaps;

/// <summary>Loading with the image, and the flag "in use".</summary>
internal sealed partial class StoredBitmaps
{
    /// <summary>Longest read or write of bitmap data, bytes; a cluster at least.</summary>
    private const int TransferBytes = 2 << 20;

    private long loadedBytes;

    /// <summary>
    /// Loads the stored bitmaps into the node's set, but for those whose names it has already; those in use come back as inconsistent. Throws
    /// <see cref="BlockException"/> in the reference's words when one is damaged; the set has none of them then.
    /// </summary>
    /// <param name="use">
    /// Whether the guest may write: they are marked in use then. Otherwise, be it that the image is read-only or opened for a check,
    /// they can't be modified, and are not stored again.
    /// </param>
    public async ValueTask LoadAsync(bool use)
    {
        if (StoredBitmapsHeader.Warning(image.Header) is { } warning)
        {
            image.Warn("warning: " + warning);
        }
        image.Bitmaps.ClusterSize = ClusterSize;
        extension = StoredBitmapsHeader.Read(image.Header);
        directory = extension is { } there ? await ReadDirectoryAsync(there) : new();
        // One that is there already has come by another way, with a migration, and takes the place of what is stored.
        var arrived = image.Bitmaps.Select(static b => b.Name).OfType<string>().ToHashSet(StringComparer.Ordinal);
        try
        {
            foreach (var entry in directory.Entries.Where(entry => !arrived.Contains(entry.Name)))
            {
                await LoadOneAsync(entry);
            }
            NoteDirectory();
            if (!image.IsReadOnly)
            {
                await DropUntrustedAsync();
            }
            if (use)
            {
                await BeginUseAsync();
            }
        }
        catch
        {
            // Half of one must not be taken for one that has arrived when the image is activated again.
            foreach (var bitmap in image.Bitmaps.Where(b => b.Name is { } name && !arrived.Contains(name)).ToList())
            {
                image.Bitmaps.Remove(bitmap);
            }
            throw;
        }
    }

    /// <summary>
    /// Marks all stored bitmaps in use, durably, before the guest writes for the first time; they may be modified from then on.
    /// Throws <see cref="BlockException"/>; then they stay as they were.
    /// </summary>
    public async ValueTask BeginUseAsync()
    {
        if (directory.Entries.Exists(static e => !e.IsInUse))
        {
            var before = directory.Entries.ConvertAll(static e => e.Flags);
            directory.Entries.ForEach(static e => e.Flags |= BitmapDirectoryEntry.InUseFlag);
            // In place: only a byte of each entry changes, and any mixture of old and new is right until the guest writes.
            var status = await image.WriteAsync(extension!.Value.DirectoryOffset, directory.Serialise());
            if (status == IoStatus.Ok)
            {
                status = await image.FlushAsync();
            }
            if (status != IoStatus.Ok)
            {
                for (var i = 0; i < before.Count; i++)
                {
                    directory.Entries[i].Flags = before[i];
                }
                throw new BlockException(status, "Failed to update bitmap directory");
            }
        }
        SetReadOnly(false);
    }

    /// <summary>The image turns read-only after storing: its bitmaps can't be modified any more.</summary>
    public void EndUse() => SetReadOnly(true);

    private void SetReadOnly(bool isReadOnly)
    {
        foreach (var entry in directory.Entries)
        {
            if (image.Bitmaps.Find(entry.Name) is { } bitmap)
            {
                bitmap.IsReadOnly = isReadOnly;
            }
        }
    }

    private async ValueTask<BitmapDirectory> ReadDirectoryAsync(BitmapsExtension there)
    {
        var bytes = new byte[there.DirectorySize];
        var status = bytes.Length == 0 ? IoStatus.Ok : await image.ReadAsync(there.DirectoryOffset, bytes);
        return status == IoStatus.Ok
            ? BitmapDirectory.Parse(bytes, there.Count, ClusterBits)
            : throw new BlockException(status, "Failed to read bitmap directory");
    }

    private async ValueTask LoadOneAsync(BitmapDirectoryEntry entry)
    {
        var bitmap = image.Bitmaps.AddLoaded(entry.Name, 1L << entry.GranularityBits, entry.IsAuto);
        bitmap.IsReadOnly = true;
        if (entry.IsInUse)
        {
            bitmap.Condemn();
            return;
        }
        var table = await ReadTableAsync(entry);
        await LoadDataAsync(bitmap, entry, table);
    }

    private async ValueTask<BitmapTableEntry[]> ReadTableAsync(BitmapDirectoryEntry entry)
    {
        // The directory bounds the entries.
        var bytes = new byte[entry.TableBytes];
        var status = await image.ReadAsync(entry.TableOffset, bytes);
        var table = new BitmapTableEntry[entry.TableEntries];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = new(BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(i * sizeof(ulong))));
            if (!table[i].IsValid(ClusterBits))
            {
                status = IoStatus.InvalidArgument;
            }
        }
        return status == IoStatus.Ok
            ? table
            : throw new BlockException(status, $"Could not read bitmap_table table from image for bitmap '{entry.Name}'");
    }

    private async ValueTask LoadDataAsync(DirtyBitmap bitmap, BitmapDirectoryEntry entry, BitmapTableEntry[] table)
    {
        var failure = $"Could not read bitmap '{entry.Name}' from image";
        var content = bitmap.Content;
        if (table.Length != Alignment.DivideUp(content.ContentBytes, ClusterSize))
        {
            throw new BlockException(IoStatus.InvalidArgument, failure);
        }
        var most = Math.Max(1, TransferBytes >> ClusterBits);
        using var buffer = AlignedBufferPool.Shared.Rent(most << ClusterBits);
        // A table entry of eight bytes may stand for a cluster full of ones: a small image could ask for any amount of memory.
        loadedBytes += table.Count(static e => e != BitmapTableEntry.Zeroes) * (long)ClusterSize;
        if (loadedBytes > StoredBitmapLimits.LoadedBytes)
        {
            throw new BlockException(IoStatus.OutOfMemory, failure);
        }
        for (var i = 0; i < table.Length; )
        {
            if (table[i].Offset == 0)
            {
                if (table[i].IsOnes)
                {
                    content.DeserializeOnes(PartOf(content, i, 1));
                }
                i++;
                continue;
            }
            var run = 1;
            while (run < most && i + run < table.Length && table[i + run].Offset == table[i].Offset + ((long)run << ClusterBits))
            {
                run++;
            }
            var piece = buffer.Memory[..(run << ClusterBits)];
            var status = await image.ReadAsync(table[i].Offset, piece);
            if (status != IoStatus.Ok)
            {
                throw new BlockException(status, failure);
            }
            content.Deserialize(PartOf(content, i, run), piece.Span);
            i += run;
        }
    }

    /// <summary>The bytes of the disk whose bits are in <paramref name="clusters"/> clusters of data from <paramref name="first"/> on.</summary>
    private ByteRange PartOf(HierarchicalBitmap content, int first, int clusters)
    {
        var coverage = content.SerializationCoverage(ClusterSize);
        var start = first == 0 ? 0 : first * coverage;
        return ByteRange.Between(
            start,
            clusters <= (content.SizeBytes - start) / coverage ? start + (clusters * coverage) : content.SizeBytes
        );
    }

    /// <summary>Takes an extension that is not to be relied upon out of the header.</summary>
    private async ValueTask DropUntrustedAsync()
    {
        if (StoredBitmapsHeader.Warning(image.Header) is null)
        {
            return;
        }
        StoredBitmapsHeader.Write(image.Header, null);
        var status = await image.UpdateHeaderAsync();
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, "Could not update qcow2 header");
        }
    }

    /// <summary>Says anew where the directory lies, after the notes of where metadata lies were made anew.</summary>
    public void NoteDirectory() =>
        image.NoteDirectory(extension?.DirectoryOffset ?? 0, extension is { } there ? there.DirectorySize : 0);
}
