using System.Buffers.Binary;
using System.Text;
using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>Reads the snapshot table for a check, and says what is wrong with it (qcow2 spec, "Snapshots").</summary>
internal static class SnapshotTable
{
    private const int EntryHeaderBytes = 40;

    // Version 3 has the size of the VM state and of the disk, 64 bits each.
    private const int CompleteExtraBytes = 16;

    /// <summary>Fills in the run's snapshots. Throws <see cref="BlockException"/> when the table can't be walked.</summary>
    public static async ValueTask ReadAsync(CheckRun run)
    {
        var layout = run.Layout;
        if (layout.SnapshotCount == 0)
        {
            return;
        }
        if (layout.SnapshotCount > CheckLimits.Snapshots)
        {
            throw Refuse(IoStatus.FileTooBig, "ERROR snapshot table too large");
        }
        if (!layout.IsAligned(layout.SnapshotsOffset))
        {
            throw Refuse(IoStatus.InvalidArgument, "ERROR snapshot table offset invalid");
        }
        var entries = new List<SnapshotEntry>();
        var position = layout.SnapshotsOffset;
        for (var i = 0; i < layout.SnapshotCount; i++)
        {
            position += -position & 7;
            var (entry, extra, length) = await ReadEntryAsync(run, position, i);
            entries.Add(entry);
            position += length;
            if (position - layout.SnapshotsOffset > CheckLimits.SnapshotTableBytes)
            {
                throw Refuse(IoStatus.FileTooBig, "ERROR failed to read the snapshot table: Snapshot table is too big");
            }
            if (layout.Version >= 3 && extra < CompleteExtraBytes)
            {
                run.ReportCorruption($"ERROR snapshot table entry {i} is incomplete");
            }
        }
        run.Snapshots = entries;
        run.SnapshotTableBytes = position - layout.SnapshotsOffset;
    }

    private static async ValueTask<(SnapshotEntry Entry, uint Extra, long Length)> ReadEntryAsync(
        CheckRun run,
        long position,
        int index
    )
    {
        var header = new byte[EntryHeaderBytes];
        await FillAsync(run, position, header);
        var idBytes = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(12));
        var nameBytes = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(14));
        var extra = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(36));
        if (extra > CheckLimits.SnapshotExtraBytes)
        {
            throw Refuse(
                IoStatus.FileTooBig,
                $"ERROR failed to read the snapshot table: Too much extra metadata in snapshot table entry {index}"
            );
        }
        var names = new byte[idBytes + nameBytes];
        await FillAsync(run, position + EntryHeaderBytes + extra, names);
        var entry = new SnapshotEntry(
            BinaryPrimitives.ReadInt64BigEndian(header),
            BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(8)),
            Encoding.UTF8.GetString(names, 0, idBytes),
            Encoding.UTF8.GetString(names, idBytes, nameBytes)
        );
        return (entry, extra, EntryHeaderBytes + extra + names.Length);
    }

    private static async ValueTask FillAsync(CheckRun run, long position, Memory<byte> target)
    {
        var status = await run.Storage.ReadAsync(position, target);
        if (status != IoStatus.Ok)
        {
            throw Refuse(status, $"ERROR failed to read the snapshot table: {status.Describe()}");
        }
    }

    private static BlockException Refuse(IoStatus status, string line) => new(status, "Check failed") { Hint = line };
}
