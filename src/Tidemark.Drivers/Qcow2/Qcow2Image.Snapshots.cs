using System.Buffers.Binary;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Refcounts;
using Tidemark.Drivers.Qcow2.Snapshots;

namespace Tidemark.Drivers.Qcow2;

// A snapshot is a second L1 table over the same L2 tables and clusters, each of which counts one reference more:
//
//   active L1 ───┐
//                ├─> L2 tables ─> clusters       refcount 2, no COPIED flag: whoever writes copies first
//   snapshot L1 ─┘
//
// The order on disk: refcounts go up – flags go – the new table of snapshots, or header, names what is new – and only then counts
// of what is no longer named go down, and flags come back. A crash in between leaves leaks, and flags that are not set where they
// could be (or still are where only a leak stands against them): no write can hit what a snapshot holds.
internal sealed partial class Qcow2Image
{
    /// <summary>Keeps what the active table maps as a snapshot. Under the lock, no request is under way; nothing has changed if it fails.</summary>
    public async ValueTask<IoStatus> CreateSnapshotAsync(Qcow2Snapshot snapshot)
    {
        if (Snapshots.Items.Count >= Limits.Snapshots)
        {
            return IoStatus.FileTooBig;
        }
        var status = await WriteAllAsync();
        if (status != IoStatus.Ok)
        {
            return status;
        }
        var table = WithoutFlags(L1.CopyTo(L1.Entries));
        var (placed, offset) = await PlaceL1Async(table);
        if (placed != IoStatus.Ok)
        {
            return placed;
        }
        var references = new SnapshotReferences(this);
        status = await references.AddAsync(table);
        if (status != IoStatus.Ok)
        {
            _ = await Refcounts.ReleaseAsync(offset, BytesOf(table));
            return status;
        }
        status = await references.RefreshFlagsAsync();
        status = status == IoStatus.Ok ? await WriteAllAsync() : status;
        if (status == IoStatus.Ok)
        {
            status = await Snapshots.ReplaceAsync([
                .. Snapshots.Items,
                snapshot with
                {
                    L1Offset = offset,
                    L1Entries = (uint)table.Length,
                },
            ]);
        }
        if (status != IoStatus.Ok && !IsUnusable)
        {
            // The references were this snapshot's alone.
            _ = await references.RemoveAsync(table);
            FreeLater(offset, BytesOf(table), DiscardKind.Never);
            _ = await references.RefreshFlagsAsync();
            _ = await WriteAllAsync();
        }
        return status;
    }

    /// <summary>Lets go of the snapshot of this index. Under the lock.</summary>
    public async ValueTask<IoStatus> DeleteSnapshotAsync(int index)
    {
        var snapshot = Snapshots.Items[index];
        var status = await WriteAllAsync();
        var (read, table) = status == IoStatus.Ok ? await ReadSnapshotL1Async(snapshot) : (status, []);
        status = read == IoStatus.Ok ? await Snapshots.ReplaceAsync([.. Snapshots.Items.Where((_, i) => i != index)]) : read;
        if (status != IoStatus.Ok)
        {
            return status;
        }
        // It is gone; what can't be freed is a leak.
        var references = new SnapshotReferences(this);
        status = await references.RemoveAsync(table);
        FreeLater(snapshot.L1Offset, BytesOf(table), DiscardKind.Snapshot);
        status = status == IoStatus.Ok ? await WriteAllAsync() : status;
        status = status == IoStatus.Ok ? await references.RefreshFlagsAsync() : status;
        return status == IoStatus.Ok ? await WriteAllAsync() : status;
    }

    /// <summary>Maps what the snapshot of this index maps, with its size. Under the lock, no request is under way.</summary>
    public async ValueTask<IoStatus> ApplySnapshotAsync(int index)
    {
        var snapshot = Snapshots.Items[index];
        var status = await WriteAllAsync();
        var (read, kept) = status == IoStatus.Ok ? await ReadSnapshotL1Async(snapshot) : (status, []);
        if (read != IoStatus.Ok)
        {
            return read;
        }
        var size = snapshot.DiskBytes ?? Header.SizeBytes;
        if (size < 0 || Geometry.L1EntriesFor(size) > Limits.L1TableBytes / 8)
        {
            return IoStatus.InvalidArgument;
        }
        var table = new ulong[Math.Max(kept.Length, Geometry.L1EntriesFor(size))];
        kept.CopyTo(table, 0);
        var (placed, offset) = await PlaceL1Async(table);
        if (placed != IoStatus.Ok)
        {
            return placed;
        }
        var references = new SnapshotReferences(this);
        status = await references.AddAsync(kept);
        if (status != IoStatus.Ok)
        {
            _ = await Refcounts.ReleaseAsync(offset, BytesOf(table));
            return status;
        }
        var old = (Header.L1Offset, Header.L1Entries, Header.SizeBytes, Table: L1.CopyTo(L1.Entries));
        status = await WriteAllAsync();
        if (status == IoStatus.Ok)
        {
            // All three lie in the header's first sector.
            (Header.L1Offset, Header.L1Entries, Header.SizeBytes) = (offset, table.Length, size);
            status = await UpdateHeaderAsync();
        }
        if (status != IoStatus.Ok)
        {
            (Header.L1Offset, Header.L1Entries, Header.SizeBytes) = (old.L1Offset, old.L1Entries, old.SizeBytes);
            if (await RestoreHeaderAsync())
            {
                _ = await references.RemoveAsync(kept);
                FreeLater(offset, BytesOf(table), DiscardKind.Never);
                _ = await WriteAllAsync();
            }
            return status;
        }
        L2.DropAll();
        L1.Replace(table);
        NoteMetadata();
        await Snapshots.NoteAsync();
        status = await references.RemoveAsync(old.Table);
        FreeLater(old.L1Offset, BytesOf(old.Table), DiscardKind.Snapshot);
        status = status == IoStatus.Ok ? await WriteAllAsync() : status;
        status = status == IoStatus.Ok ? await references.RefreshFlagsAsync() : status;
        return status == IoStatus.Ok ? await WriteAllAsync() : status;
    }

    /// <summary>The L1 table of a snapshot, without flags. InvalidArgument where the snapshot does not say well where it is.</summary>
    public async ValueTask<(IoStatus Status, ulong[] Table)> ReadSnapshotL1Async(Qcow2Snapshot snapshot)
    {
        if (snapshot.L1Entries > Limits.L1TableBytes / 8)
        {
            return (IoStatus.FileTooBig, []);
        }
        if (!Geometry.IsClusterAligned(snapshot.L1Offset) || snapshot.L1Offset <= 0 || snapshot.L1Offset > File.SizeBytes)
        {
            return (IoStatus.InvalidArgument, []);
        }
        var table = new ulong[snapshot.L1Entries];
        if (table.Length == 0)
        {
            return (IoStatus.Ok, table);
        }
        using var buffer = AlignedBufferPool.Shared.Rent(table.Length * 8);
        var status = await ReadFileAsync(snapshot.L1Offset, buffer.Memory);
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = BinaryPrimitives.ReadUInt64BigEndian(buffer.GetSpan()[(i * 8)..]);
        }
        return (status, WithoutFlags(table));
    }

    // An L1 table in fresh clusters, durably.
    private async ValueTask<(IoStatus Status, long Offset)> PlaceL1Async(ulong[] table)
    {
        var allocated = await Refcounts.AllocateAsync(Geometry.ClustersFor(BytesOf(table)));
        var status = allocated.Status;
        if (status == IoStatus.Ok && table.Length > 0)
        {
            status = await WriteL1Async(table, allocated.Offset);
            if (status != IoStatus.Ok)
            {
                _ = await Refcounts.ReleaseAsync(allocated.Offset, BytesOf(table));
            }
        }
        return (status, allocated.Offset);
    }

    // A table without entries has a cluster all the same.
    private static long BytesOf(ulong[] table) => Math.Max(8, table.Length * 8L);

    private static ulong[] WithoutFlags(ulong[] table)
    {
        for (var i = 0; i < table.Length; i++)
        {
            table[i] &= ~EntryBits.Copied;
        }
        return table;
    }
}
