using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Bitmaps;

namespace Tidemark.Drivers.Qcow2.Header;

internal sealed partial class Qcow2Header
{
    // Four fields; see Bitmaps/BitmapsExtension.cs.
    private const int BitmapsExtensionLength = 24;

    /// <summary>Whether a file that begins with these bytes claims to be qcow2.</summary>
    public static bool Probe(ReadOnlySpan<byte> head) =>
        head.Length >= 8
        && BinaryPrimitives.ReadUInt32BigEndian(head) == Magic
        && BinaryPrimitives.ReadUInt32BigEndian(head[4..]) >= 2;

    /// <summary>
    /// Log2 of the cluster size, so that the caller can read the whole first cluster. Checks magic, version and cluster size;
    /// <paramref name="head"/> has at least <see cref="LengthV2"/> bytes. Throws <see cref="BlockException"/>.
    /// </summary>
    public static int PeekClusterBits(ReadOnlySpan<byte> head)
    {
        if (BinaryPrimitives.ReadUInt32BigEndian(head) != Magic)
        {
            throw Bad(BlockErrorKind.InvalidOptions, "Image is not in qcow2 format");
        }
        var version = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        if (version is < 2 or > 3)
        {
            throw Bad(BlockErrorKind.NotSupported, $"Unsupported qcow2 version {version}");
        }
        var clusterBits = BinaryPrimitives.ReadUInt32BigEndian(head[20..]);
        if (clusterBits is < Qcow2Geometry.MinClusterBits or > Qcow2Geometry.MaxClusterBits)
        {
            throw Bad(BlockErrorKind.InvalidOptions, $"Unsupported cluster size: 2^{clusterBits}");
        }
        return (int)clusterBits;
    }

    /// <summary>
    /// Parses the first cluster (zero-filled where the file ends early). Throws <see cref="BlockException"/> in the reference's
    /// words for whatever is wrong, and for features that this driver does not have.
    /// </summary>
    /// <param name="cluster">All of the first cluster.</param>
    /// <param name="writable">Whether the image will be written: a corrupt one is refused then.</param>
    /// <param name="forCheck">Opened for a check: a missing refcount table, the corrupt bit and a bad snapshot table are let pass.</param>
    public static Qcow2Header Parse(ReadOnlySpan<byte> cluster, bool writable, bool forCheck)
    {
        var clusterBits = PeekClusterBits(cluster);
        var version = (int)BinaryPrimitives.ReadUInt32BigEndian(cluster[4..]);
        var length = version == 2 ? LengthV2 : CheckLength(BinaryPrimitives.ReadUInt32BigEndian(cluster[100..]), clusterBits);
        var backingOffset = BinaryPrimitives.ReadUInt64BigEndian(cluster[8..]);
        if (backingOffset > 1UL << clusterBits)
        {
            throw Bad(BlockErrorKind.InvalidOptions, "Invalid backing file offset");
        }
        var incompatible = version == 2 ? 0 : BinaryPrimitives.ReadUInt64BigEndian(cluster[72..]);
        var extensionsEnd = backingOffset == 0 ? 1 << clusterBits : (int)backingOffset;
        CheckFeatures(cluster, incompatible, length, extensionsEnd, writable && !forCheck);
        var refcountOrder = version == 2 ? 4 : BinaryPrimitives.ReadUInt32BigEndian(cluster[96..]);
        if (refcountOrder > Qcow2Geometry.MaxRefcountOrder)
        {
            throw Bad(BlockErrorKind.InvalidOptions, "Reference count entry width too large; may not exceed 64 bits");
        }
        var header = new Qcow2Header
        {
            Version = version,
            ClusterBits = clusterBits,
            SizeBytes = ParseSize(BinaryPrimitives.ReadUInt64BigEndian(cluster[24..])),
            EncryptionMethod = BinaryPrimitives.ReadUInt32BigEndian(cluster[32..]),
            IncompatibleFeatures = incompatible,
            CompatibleFeatures = version == 2 ? 0 : BinaryPrimitives.ReadUInt64BigEndian(cluster[80..]),
            AutoclearFeatures = version == 2 ? 0 : BinaryPrimitives.ReadUInt64BigEndian(cluster[88..]),
            RefcountOrder = (int)refcountOrder,
            CompressionType = ParseCompression(length > 104 ? cluster[104] : (byte)0, incompatible),
            UnknownFields = length > LengthV3 ? cluster[LengthV3..length].ToArray() : default,
        };
        CheckEncryption(header.EncryptionMethod);
        header.ParseTables(cluster, forCheck);
        header.Extensions.AddRange(ParseExtensions(cluster, length, extensionsEnd));
        header.CheckBackingFormat();
        header.ParseBackingName(cluster, (int)backingOffset);
        return header;
    }

    private static int CheckLength(uint length, int clusterBits)
    {
        if (length < MinLengthV3)
        {
            throw Bad(BlockErrorKind.InvalidOptions, "qcow2 header too short");
        }
        if (length > 1u << clusterBits)
        {
            throw Bad(BlockErrorKind.InvalidOptions, "qcow2 header exceeds cluster size");
        }
        return (int)length;
    }

    private static long ParseSize(ulong size) =>
        size <= long.MaxValue ? (long)size : throw Bad(BlockErrorKind.NoSpace, "Image is too big");

    private static void CheckFeatures(
        ReadOnlySpan<byte> cluster,
        ulong features,
        int length,
        int extensionsEnd,
        bool refuseCorrupt
    )
    {
        // What has a meaning but is not had here is refused like what is unknown.
        var unsupported = features & (~Qcow2Features.KnownIncompatible | Qcow2Features.ExternalData | Qcow2Features.ExtendedL2);
        if (unsupported != 0)
        {
            var names = FeatureNames(cluster, length, extensionsEnd);
            throw Bad(BlockErrorKind.NotSupported, $"Unsupported qcow2 feature(s): {DescribeFeatures(unsupported, names)}");
        }
        if (refuseCorrupt && (features & Qcow2Features.Corrupt) != 0)
        {
            throw Bad(BlockErrorKind.AccessDenied, "qcow2: Image is corrupt; cannot be opened read/write");
        }
    }

    private static string DescribeFeatures(ulong features, Dictionary<int, string> names)
    {
        List<string> known = [];
        for (var bit = 0; bit < 64; bit++)
        {
            if ((features & (1UL << bit)) != 0 && names.TryGetValue(bit, out var name))
            {
                known.Add(name);
                features &= ~(1UL << bit);
            }
        }
        if (features != 0)
        {
            known.Add($"Unknown incompatible feature: {features:x}");
        }
        return string.Join(", ", known);
    }

    // The image's own table has the first say: it may name features that came after this code.
    private static Dictionary<int, string> FeatureNames(ReadOnlySpan<byte> cluster, int length, int extensionsEnd)
    {
        Dictionary<int, string> names = [];
        foreach (var extension in ParseExtensions(cluster, length, extensionsEnd))
        {
            for (
                var at = 0;
                extension.Type == HeaderExtension.FeatureNames && at + FeatureNameEntry <= extension.Data.Length;
                at += FeatureNameEntry
            )
            {
                var entry = extension.Data.Span.Slice(at, FeatureNameEntry);
                if (entry[0] == 0 && entry[1] < 64)
                {
                    names[entry[1]] = Encoding.UTF8.GetString(entry[2..].TrimEnd((byte)0));
                }
            }
        }
        foreach (var (type, bit, name) in Qcow2Features.Names)
        {
            if (type == 0)
            {
                _ = names.TryAdd(bit, name);
            }
        }
        return names;
    }

    private static CompressionType ParseCompression(byte type, ulong incompatible)
    {
        var flagged = (incompatible & Qcow2Features.CompressionType) != 0;
        return type switch
        {
            0 when flagged => throw Bad(
                BlockErrorKind.InvalidOptions,
                "qcow2: Compression type incompatible feature bit must not be set"
            ),
            0 => CompressionType.Zlib,
            1 when !flagged => throw Bad(
                BlockErrorKind.InvalidOptions,
                "qcow2: Compression type incompatible feature bit must be set"
            ),
            1 => CompressionType.Zstd,
            _ => throw Bad(BlockErrorKind.NotSupported, $"qcow2: unknown compression type: {type}"),
        };
    }

    private static void CheckEncryption(uint method)
    {
        if (method > 2)
        {
            throw Bad(BlockErrorKind.InvalidOptions, $"Unsupported encryption method {method}");
        }
        if (method != 0)
        {
            throw Bad(BlockErrorKind.NotSupported, "qcow2: Encrypted images are not supported");
        }
    }

    private void ParseTables(ReadOnlySpan<byte> cluster, bool forCheck)
    {
        var refcountClusters = BinaryPrimitives.ReadUInt32BigEndian(cluster[56..]);
        if (refcountClusters == 0 && !forCheck)
        {
            throw Bad(BlockErrorKind.InvalidOptions, "Image does not contain a reference count table");
        }
        var refcountOffset = BinaryPrimitives.ReadUInt64BigEndian(cluster[48..]);
        var refcountEntries = (ulong)refcountClusters << (ClusterBits - 3);
        CheckTable("Reference count table", refcountOffset, refcountEntries, 8, Limits.RefcountTableBytes);
        var snapshots = BinaryPrimitives.ReadUInt32BigEndian(cluster[60..]);
        var snapshotsOffset = BinaryPrimitives.ReadUInt64BigEndian(cluster[64..]);
        if (!forCheck || snapshots > int.MaxValue || snapshotsOffset > long.MaxValue)
        {
            CheckTable("Snapshot table", snapshotsOffset, snapshots, 40, Limits.Snapshots * 40);
        }
        var l1Entries = BinaryPrimitives.ReadUInt32BigEndian(cluster[36..]);
        var l1Offset = BinaryPrimitives.ReadUInt64BigEndian(cluster[40..]);
        CheckTable("Active L1 table", l1Offset, l1Entries, 8, Limits.L1TableBytes);
        var needed = Alignment.DivideUp(SizeBytes, 1L << ((2 * ClusterBits) - 3));
        if (needed > int.MaxValue)
        {
            throw Bad(BlockErrorKind.NoSpace, "Image is too big");
        }
        if (l1Entries < needed)
        {
            throw Bad(BlockErrorKind.InvalidOptions, "L1 table is too small");
        }
        (RefcountTableOffset, RefcountTableClusters) = ((long)refcountOffset, (int)refcountClusters);
        (SnapshotsOffset, SnapshotCount) = ((long)snapshotsOffset, (int)snapshots);
        (L1Offset, L1Entries) = ((long)l1Offset, (int)l1Entries);
    }

    private void CheckTable(string name, ulong offset, ulong entries, int entrySize, int longest)
    {
        if (entries > (ulong)(longest / entrySize))
        {
            throw Bad(BlockErrorKind.NoSpace, $"{name} too large");
        }
        var bytes = entries * (ulong)entrySize;
        if (offset > long.MaxValue - bytes || !IsAligned(offset))
        {
            throw Bad(BlockErrorKind.InvalidOptions, $"{name} offset invalid");
        }
    }

    private bool IsAligned(ulong offset) => BitOperations.TrailingZeroCount(offset) >= ClusterBits || offset == 0;

    private static List<HeaderExtension> ParseExtensions(ReadOnlySpan<byte> cluster, int start, int end)
    {
        List<HeaderExtension> found = [];
        var at = start;
        while (at + 8 <= end)
        {
            var type = BinaryPrimitives.ReadUInt32BigEndian(cluster[at..]);
            var length = BinaryPrimitives.ReadUInt32BigEndian(cluster[(at + 4)..]);
            at += 8;
            if (length > (uint)(end - at))
            {
                throw Bad(BlockErrorKind.InvalidOptions, "Header extension too large");
            }
            if (type == HeaderExtension.End)
            {
                break;
            }
            if (type == HeaderExtension.Bitmaps && length != BitmapsExtensionLength)
            {
                throw Bad(BlockErrorKind.InvalidOptions, "bitmaps_ext: Invalid extension length");
            }
            if (type == HeaderExtension.Bitmaps)
            {
                // In the order of the file: with another length, what follows makes no sense.
                BitmapsExtension.CheckLength(cluster.Slice(at, (int)length));
            }
            found.Add(new HeaderExtension(type, cluster.Slice(at, (int)length).ToArray()));
            at += (int)Alignment.Up(length, 8);
        }
        return found;
    }

    private void CheckBackingFormat()
    {
        if (FindExtension(HeaderExtension.BackingFormat) is { Data.Length: > Limits.BackingFormatBytes } format)
        {
            throw Bad(BlockErrorKind.InvalidOptions, $"ERROR: ext_backing_format: len={format.Data.Length} too large (>=16)");
        }
        if (FindExtension(HeaderExtension.Encryption) is not null)
        {
            throw Bad(BlockErrorKind.NotSupported, "qcow2: Encrypted images are not supported");
        }
    }

    private void ParseBackingName(ReadOnlySpan<byte> cluster, int offset)
    {
        if (offset == 0)
        {
            return;
        }
        var length = BinaryPrimitives.ReadUInt32BigEndian(cluster[16..]);
        if (length > Math.Min(Limits.BackingNameBytes, cluster.Length - offset))
        {
            throw Bad(BlockErrorKind.InvalidOptions, "Backing file name too long");
        }
        // A name is text: what follows a zero byte is no part of it.
        var name = cluster.Slice(offset, (int)length);
        var zero = name.IndexOf((byte)0);
        BackingNameBytes = (zero < 0 ? name : name[..zero]).ToArray();
    }
}
