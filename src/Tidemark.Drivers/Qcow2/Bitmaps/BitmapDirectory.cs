using System.Buffers.Binary;
using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Bitmaps;

/// <summary>The bitmaps of an image, in the file's order (qcow2 spec, "Bitmap directory").</summary>
internal sealed class BitmapDirectory
{
    private const byte DirtyTracking = 1;

    /// <summary>The bitmaps.</summary>
    public List<BitmapDirectoryEntry> Entries { get; } = [];

    /// <summary>Bytes that the directory takes.</summary>
    public long Length => Entries.Sum(static e => (long)e.Length);

    /// <summary>The bitmap of this name, or null.</summary>
    public BitmapDirectoryEntry? Find(string name) => Entries.Find(e => e.Name == name);

    /// <summary>
    /// Parses a directory that should have <paramref name="count"/> entries. Throws <see cref="BlockException"/> in the reference's
    /// words for whatever is wrong.
    /// </summary>
    public static BitmapDirectory Parse(ReadOnlySpan<byte> bytes, int count, int clusterBits)
    {
        if (bytes.IsEmpty)
        {
            throw Bad("Requested bitmap directory size is zero");
        }
        var directory = new BitmapDirectory();
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < BitmapDirectoryEntry.HeaderBytes)
            {
                throw Bad("Broken bitmap directory");
            }
            if (directory.Entries.Count == count)
            {
                throw Bad("More bitmaps found than specified in header extension");
            }
            var entry = ParseEntry(bytes, clusterBits);
            directory.Entries.Add(entry);
            bytes = bytes[entry.Length..];
        }
        return directory.Entries.Count == count ? directory : throw Bad("Less bitmaps found than specified in header extension");
    }

    /// <summary>The directory as bytes.</summary>
    public byte[] Serialise()
    {
        var bytes = new byte[Length];
        var rest = bytes.AsSpan();
        foreach (var entry in Entries)
        {
            BinaryPrimitives.WriteInt64BigEndian(rest, entry.TableOffset);
            BinaryPrimitives.WriteUInt32BigEndian(rest[8..], entry.TableEntries);
            BinaryPrimitives.WriteUInt32BigEndian(rest[12..], entry.Flags);
            rest[16] = DirtyTracking;
            rest[17] = (byte)entry.GranularityBits;
            BinaryPrimitives.WriteUInt16BigEndian(rest[18..], (ushort)entry.NameBytes.Length);
            entry.NameBytes.CopyTo(rest[BitmapDirectoryEntry.HeaderBytes..]);
            rest = rest[entry.Length..];
        }
        return bytes;
    }

    private static BitmapDirectoryEntry ParseEntry(ReadOnlySpan<byte> bytes, int clusterBits)
    {
        var nameBytes = BinaryPrimitives.ReadUInt16BigEndian(bytes[18..]);
        var extraBytes = BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]);
        var length = (BitmapDirectoryEntry.HeaderBytes + (long)extraBytes + nameBytes + 7) & ~7L;
        if (length > bytes.Length)
        {
            throw Bad("Broken bitmap directory");
        }
        if (extraBytes != 0)
        {
            throw Bad("Bitmap extra data is not supported");
        }
        var entry = new BitmapDirectoryEntry(bytes.Slice(BitmapDirectoryEntry.HeaderBytes, nameBytes))
        {
            TableOffset = BinaryPrimitives.ReadInt64BigEndian(bytes),
            TableEntries = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            Flags = BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
            GranularityBits = bytes[17],
        };
        return bytes[16] == DirtyTracking && IsSound(entry, clusterBits)
            ? entry
            : throw Bad($"Bitmap '{entry.Name}' doesn't satisfy the constraints");
    }

    private static bool IsSound(BitmapDirectoryEntry entry, int clusterBits) =>
        entry.TableEntries is > 0 and <= StoredBitmapLimits.TableEntries
        && entry.TableOffset is > 0 and < 1L << 56
        && (entry.TableOffset & ((1L << clusterBits) - 1)) == 0
        && entry.GranularityBits is >= StoredBitmapLimits.MinGranularityBits and <= StoredBitmapLimits.MaxGranularityBits
        && (entry.Flags & ~(BitmapDirectoryEntry.InUseFlag | BitmapDirectoryEntry.AutoFlag)) == 0
        && entry.NameBytes.Length <= StoredBitmapLimits.NameBytes
        && (long)entry.TableEntries << clusterBits <= StoredBitmapLimits.DataBytes;

    private static BlockException Bad(string message) =>
        new(BlockErrorKind.Corrupt, message) { Status = IoStatus.InvalidArgument };
}
