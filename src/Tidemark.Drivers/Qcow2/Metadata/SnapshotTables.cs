using System.Buffers.Binary;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2.Metadata;

/// <summary>
/// Finds the tables of internal snapshots, so that no write hits them. The snapshots themselves are not touched: their clusters
/// have no COPIED flag, and are copied before they change.
/// </summary>
internal static class SnapshotTables
{
    private const int EntryBytes = 40;

    /// <summary>Notes the snapshot table and its L1 tables, and with inactive-l2 guarded the L2 tables too. Throws <see cref="BlockException"/>.</summary>
    public static async ValueTask NoteAsync(Qcow2Image image)
    {
        var header = image.Header;
        var at = header.SnapshotsOffset;
        image.Metadata.ClearRanges(MetadataKinds.InactiveL1);
        using var entry = AlignedBufferPool.Shared.Rent(EntryBytes);
        for (var i = 0; i < header.SnapshotCount; i++)
        {
            at = Alignment.Up(at, 8);
            Qcow2Image.Check(await image.ReadFileAsync(at, entry.Memory), "Could not read snapshots");
            var fields = new Fields(entry.GetSpan());
            if (fields.ExtraBytes > Limits.SnapshotExtraBytes)
            {
                throw new BlockException(BlockErrorKind.NoSpace, $"Too much extra metadata in snapshot table entry {i}")
                {
                    Hint = "You can force-remove this extra metadata with qemu-img check -r all",
                };
            }
            at += EntryBytes + fields.ExtraBytes + fields.NameBytes;
            if (at - header.SnapshotsOffset > Limits.SnapshotTableBytes)
            {
                throw new BlockException(BlockErrorKind.NoSpace, "Snapshot table is too big");
            }
            image.Metadata.AddRange(MetadataKinds.InactiveL1, fields.L1Offset, fields.L1Entries * 8L);
            if ((image.Options.OverlapCheck & MetadataKinds.InactiveL2) != 0)
            {
                await NoteL2Async(image, fields.L1Offset, fields.L1Entries);
            }
        }
        image.Metadata.SetRange(MetadataKinds.SnapshotTable, header.SnapshotsOffset, at - header.SnapshotsOffset);
    }

    private static async ValueTask NoteL2Async(Qcow2Image image, long offset, uint entries)
    {
        if (entries > Limits.L1TableBytes / 8 || offset >= image.File.SizeBytes)
        {
            // No real snapshot has such a table; what it would name is not there either.
            return;
        }
        using var table = AlignedBufferPool.Shared.Rent(Math.Max(8, (int)entries * 8));
        Qcow2Image.Check(await image.ReadFileAsync(offset, table.Memory), "Could not read snapshots");
        for (var i = 0; i < entries; i++)
        {
            var l2 = BinaryPrimitives.ReadUInt64BigEndian(table.GetSpan()[(i * 8)..]) & Qcow2Geometry.OffsetMask;
            if (l2 != 0)
            {
                image.Metadata.Add(image.Geometry.ClusterOf((long)l2), MetadataKinds.InactiveL2);
            }
        }
    }

    // (qcow2 specification, "Snapshots".)
    private readonly struct Fields(ReadOnlySpan<byte> entry)
    {
        public readonly long L1Offset = BinaryPrimitives.ReadInt64BigEndian(entry);
        public readonly uint L1Entries = BinaryPrimitives.ReadUInt32BigEndian(entry[8..]);
        public readonly int NameBytes =
            BinaryPrimitives.ReadUInt16BigEndian(entry[12..]) + BinaryPrimitives.ReadUInt16BigEndian(entry[14..]);
        public readonly uint ExtraBytes = BinaryPrimitives.ReadUInt32BigEndian(entry[36..]);
    }
}
