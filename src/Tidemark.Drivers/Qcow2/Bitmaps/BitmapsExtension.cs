using System.Buffers.Binary;
using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Bitmaps;

/// <summary>The header extension that says where the bitmap directory is (qcow2 spec, "Bitmaps extension").</summary>
/// <param name="Count">Bitmaps in the directory, at least 1.</param>
/// <param name="DirectoryOffset">Where the directory begins, bytes; a multiple of the cluster size.</param>
/// <param name="DirectorySize">How long it is, bytes.</param>
internal readonly record struct BitmapsExtension(int Count, long DirectoryOffset, long DirectorySize)
{
    /// <summary>Bytes of the extension's data.</summary>
    public const int Length = 24;

    /// <summary>Throws <see cref="BlockException"/> unless the extension has the right length: checked even where its content is not to be trusted.</summary>
    public static void CheckLength(ReadOnlySpan<byte> data)
    {
        if (data.Length != Length)
        {
            throw Bad("bitmaps_ext: Invalid extension length");
        }
    }

    /// <summary>Parses the extension. Throws <see cref="BlockException"/> in the reference's words for whatever is wrong.</summary>
    public static BitmapsExtension Parse(ReadOnlySpan<byte> data, int clusterBits)
    {
        CheckLength(data);
        var count = BinaryPrimitives.ReadUInt32BigEndian(data);
        if (BinaryPrimitives.ReadUInt32BigEndian(data[4..]) != 0)
        {
            throw Bad("bitmaps_ext: Reserved field is not zero");
        }
        if (count > StoredBitmapLimits.Bitmaps)
        {
            throw Bad(
                $"bitmaps_ext: Image has {count} bitmaps, exceeding the QEMU supported maximum of {StoredBitmapLimits.Bitmaps}"
            );
        }
        if (count == 0)
        {
            throw Bad("found bitmaps extension with zero bitmaps");
        }
        var size = BinaryPrimitives.ReadUInt64BigEndian(data[8..]);
        var offset = BinaryPrimitives.ReadUInt64BigEndian(data[16..]);
        if ((offset & ((1UL << clusterBits) - 1)) != 0)
        {
            throw Bad("bitmaps_ext: invalid bitmap directory offset");
        }
        if (size > (ulong)StoredBitmapLimits.DirectoryBytes)
        {
            throw Bad(
                $"bitmaps_ext: bitmap directory size ({size}) exceeds the maximum supported size ({StoredBitmapLimits.DirectoryBytes})"
            );
        }
        if (offset >= 1UL << 56)
        {
            throw Bad("bitmaps_ext: invalid bitmap directory offset");
        }
        return new((int)count, (long)offset, (long)size);
    }

    /// <summary>The extension's data.</summary>
    public byte[] Serialise()
    {
        var data = new byte[Length];
        BinaryPrimitives.WriteInt32BigEndian(data, Count);
        BinaryPrimitives.WriteInt64BigEndian(data.AsSpan(8), DirectorySize);
        BinaryPrimitives.WriteInt64BigEndian(data.AsSpan(16), DirectoryOffset);
        return data;
    }

    private static BlockException Bad(string message) =>
        new(BlockErrorKind.Corrupt, message) { Status = IoStatus.InvalidArgument };
}
