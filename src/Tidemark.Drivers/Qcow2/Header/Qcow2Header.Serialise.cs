using System.Buffers.Binary;
using System.Text;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Qcow2.Header;

internal sealed partial class Qcow2Header
{
    // In small clusters the room is kept for what is needed.
    private const int LargestWithoutNames = 4096;

    /// <summary>
    /// Writes the header, its extensions and the backing file's name into <paramref name="cluster"/>, which is one cluster and
    /// is cleared first. The order is the reference's. Gives the bytes used; throws <see cref="BlockException"/> (no space) when
    /// they do not fit into a cluster.
    /// </summary>
    public int Serialise(Span<byte> cluster)
    {
        cluster.Clear();
        var at = Version == 2 ? LengthV2 : LengthV3 + UnknownFields.Length;
        WriteFields(cluster, at);
        AppendKnown(HeaderExtension.BackingFormat, cluster, ref at);
        AppendKnown(HeaderExtension.ExternalData, cluster, ref at);
        AppendKnown(HeaderExtension.Encryption, cluster, ref at);
        if (Version >= 3 && cluster.Length > LargestWithoutNames)
        {
            Append(HeaderExtension.FeatureNames, FeatureNameTable(), cluster, ref at);
        }
        AppendKnown(HeaderExtension.Bitmaps, cluster, ref at);
        foreach (var extension in Extensions)
        {
            if (!IsWrittenInOrder(extension.Type))
            {
                Append(extension.Type, extension.Data.Span, cluster, ref at);
            }
        }
        Append(HeaderExtension.End, default, cluster, ref at);
        if (!BackingNameBytes.IsEmpty)
        {
            Require(cluster, at, BackingNameBytes.Length);
            BackingNameBytes.Span.CopyTo(cluster[at..]);
            BinaryPrimitives.WriteInt64BigEndian(cluster[8..], at);
            BinaryPrimitives.WriteInt32BigEndian(cluster[16..], BackingNameBytes.Length);
            at += BackingNameBytes.Length;
        }
        return at;
    }

    private static bool IsWrittenInOrder(uint type) =>
        type
            is HeaderExtension.BackingFormat
                or HeaderExtension.ExternalData
                or HeaderExtension.Encryption
                or HeaderExtension.FeatureNames
                or HeaderExtension.Bitmaps;

    private void WriteFields(Span<byte> cluster, int length)
    {
        Require(cluster, 0, length);
        BinaryPrimitives.WriteUInt32BigEndian(cluster, Magic);
        BinaryPrimitives.WriteInt32BigEndian(cluster[4..], Version);
        BinaryPrimitives.WriteInt32BigEndian(cluster[20..], ClusterBits);
        BinaryPrimitives.WriteInt64BigEndian(cluster[24..], SizeBytes);
        BinaryPrimitives.WriteUInt32BigEndian(cluster[32..], EncryptionMethod);
        BinaryPrimitives.WriteInt32BigEndian(cluster[36..], L1Entries);
        BinaryPrimitives.WriteInt64BigEndian(cluster[40..], L1Offset);
        BinaryPrimitives.WriteInt64BigEndian(cluster[48..], RefcountTableOffset);
        BinaryPrimitives.WriteInt32BigEndian(cluster[56..], RefcountTableClusters);
        BinaryPrimitives.WriteInt32BigEndian(cluster[60..], SnapshotCount);
        BinaryPrimitives.WriteInt64BigEndian(cluster[64..], SnapshotsOffset);
        if (Version == 2)
        {
            return;
        }
        WriteFeatures(cluster[72..]);
        BinaryPrimitives.WriteInt32BigEndian(cluster[96..], RefcountOrder);
        BinaryPrimitives.WriteInt32BigEndian(cluster[100..], length);
        cluster[104] = (byte)CompressionType;
        UnknownFields.Span.CopyTo(cluster[LengthV3..]);
    }

    /// <summary>Writes the three feature fields, 24 bytes, as they lie from byte 72 on.</summary>
    public void WriteFeatures(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, IncompatibleFeatures);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], CompatibleFeatures);
        BinaryPrimitives.WriteUInt64BigEndian(target[16..], AutoclearFeatures);
    }

    private static byte[] FeatureNameTable()
    {
        var table = new byte[Qcow2Features.Names.Count * FeatureNameEntry];
        var at = 0;
        foreach (var (type, bit, name) in Qcow2Features.Names)
        {
            table[at] = type;
            table[at + 1] = bit;
            _ = Encoding.ASCII.GetBytes(name, table.AsSpan(at + 2));
            at += FeatureNameEntry;
        }
        return table;
    }

    private void AppendKnown(uint type, Span<byte> cluster, ref int at)
    {
        if (FindExtension(type) is { } extension)
        {
            Append(type, extension.Data.Span, cluster, ref at);
        }
    }

    private static void Append(uint type, ReadOnlySpan<byte> data, Span<byte> cluster, ref int at)
    {
        var padded = (int)Alignment.Up(data.Length, 8);
        Require(cluster, at, 8 + padded);
        BinaryPrimitives.WriteUInt32BigEndian(cluster[at..], type);
        BinaryPrimitives.WriteInt32BigEndian(cluster[(at + 4)..], data.Length);
        data.CopyTo(cluster[(at + 8)..]);
        at += 8 + padded;
    }

    private static void Require(ReadOnlySpan<byte> cluster, int at, int bytes)
    {
        if (bytes > cluster.Length - at)
        {
            throw Bad(BlockErrorKind.NoSpace, "The header does not fit into a cluster any more");
        }
    }
}
