using System.Buffers.Binary;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Metadata;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2.Snapshots;

/// <summary>The snapshot table of an open image: in memory, and how it is replaced in the file.</summary>
internal sealed class SnapshotStore(Qcow2Image image)
{
    private const int HeaderField = 60;
    private long storedBytes;

    /// <summary>The snapshots, in the order of the table.</summary>
    public IReadOnlyList<Qcow2Snapshot> Items { get; private set; } = [];

    /// <summary>Reads the table, and notes where it and what it names lie. Throws <see cref="BlockException"/>.</summary>
    public async ValueTask LoadAsync()
    {
        var header = image.Header;
        var reader = new SnapshotReader(image.ReadFileAsync, header.SnapshotsOffset);
        List<Qcow2Snapshot> items = [];
        for (var i = 0; i < header.SnapshotCount; i++)
        {
            var (status, snapshot) = await reader.NextAsync();
            if (snapshot is null)
            {
                throw new BlockException(status, "Could not read snapshots");
            }
            if (snapshot.StoredExtraBytes > Limits.SnapshotExtraBytes)
            {
                throw new BlockException(BlockErrorKind.NoSpace, $"Too much extra metadata in snapshot table entry {i}")
                {
                    Hint = "You can force-remove this extra metadata with qemu-img check -r all",
                };
            }
            if (reader.Length > Limits.SnapshotTableBytes)
            {
                throw new BlockException(BlockErrorKind.NoSpace, "Snapshot table is too big");
            }
            items.Add(snapshot);
        }
        await TakeAsync(items, reader.Length);
    }

    /// <summary>Notes anew where the table and what it names lie.</summary>
    public ValueTask NoteAsync() => TakeAsync(Items, storedBytes);

    /// <summary>
    /// Replaces the table: the new one goes into fresh clusters, durably, then the header names it, then the old one is freed. The
    /// clusters that the snapshots name have their refcounts already. Under the lock; nothing has changed if it fails.
    /// </summary>
    public ValueTask<IoStatus> ReplaceAsync(IReadOnlyList<Qcow2Snapshot> items) => ReplaceAsync(items, storedBytes);

    /// <summary>The same for a check, which has measured the old table itself.</summary>
    public async ValueTask<IoStatus> ReplaceAsync(IReadOnlyList<Qcow2Snapshot> items, long oldBytes)
    {
        var bytes = items.Sum(static s => (long)s.Length);
        if (bytes > Limits.SnapshotTableBytes || items.Count > Limits.Snapshots)
        {
            return IoStatus.FileTooBig;
        }
        var allocated = new ClusterAllocation(IoStatus.Ok, 0);
        if (items.Count > 0)
        {
            allocated = await image.Refcounts.AllocateAsync(image.Geometry.ClustersFor(bytes));
            if (allocated.Status != IoStatus.Ok)
            {
                return allocated.Status;
            }
        }
        var status = items.Count == 0 ? IoStatus.Ok : await WriteTableAsync(items, allocated.Offset, (int)bytes);
        if (status == IoStatus.Ok)
        {
            status = await image.WriteAllAsync();
        }
        var (oldOffset, oldCount) = (image.Header.SnapshotsOffset, image.Header.SnapshotCount);
        if (status == IoStatus.Ok)
        {
            status = await WriteHeaderAsync(allocated.Offset, items.Count);
        }
        if (status != IoStatus.Ok)
        {
            var isNamed = (image.Header.SnapshotsOffset, image.Header.SnapshotCount) != (oldOffset, oldCount);
            (image.Header.SnapshotsOffset, image.Header.SnapshotCount) = (oldOffset, oldCount);
            if (items.Count > 0 && (!isNamed || await image.RestoreHeaderAsync()))
            {
                _ = await image.Refcounts.ReleaseAsync(allocated.Offset, bytes);
            }
            return status;
        }
        await TakeAsync(items, bytes);
        // A damaged header may have named a place where no file is.
        if (oldBytes > 0 && oldOffset < image.File.SizeBytes)
        {
            image.FreeLater(oldOffset, oldBytes, DiscardKind.Snapshot);
        }
        // The new table stands; if the old one can't be freed now, the next write-back tries again.
        _ = await image.WriteAllAsync();
        return IoStatus.Ok;
    }

    private async ValueTask<IoStatus> WriteTableAsync(IReadOnlyList<Qcow2Snapshot> items, long offset, int bytes)
    {
        using var buffer = AlignedBufferPool.Shared.Rent(bytes);
        buffer.GetSpan().Clear();
        var at = 0;
        foreach (var item in items)
        {
            item.Write(buffer.GetSpan()[at..], image.Header.SizeBytes);
            at += item.Length;
        }
        var status = await image.CheckOverlapAsync(MetadataKinds.None, offset, bytes);
        return status == IoStatus.Ok ? await image.WriteFileAsync(offset, buffer.Memory) : status;
    }

    // Count and offset lie in one sector: the table changes at one instant.
    private async ValueTask<IoStatus> WriteHeaderAsync(long offset, int count)
    {
        (image.Header.SnapshotsOffset, image.Header.SnapshotCount) = (offset, count);
        using var fields = AlignedBufferPool.Shared.Rent(12);
        BinaryPrimitives.WriteInt32BigEndian(fields.GetSpan(), count);
        BinaryPrimitives.WriteInt64BigEndian(fields.GetSpan()[4..], offset);
        var status = await image.WriteFileAsync(HeaderField, fields.Memory);
        return status == IoStatus.Ok ? await image.BarrierAsync() : status;
    }

    private async ValueTask TakeAsync(IReadOnlyList<Qcow2Snapshot> items, long bytes)
    {
        (Items, storedBytes) = (items, bytes);
        image.Metadata.SetRange(MetadataKinds.SnapshotTable, image.Header.SnapshotsOffset, bytes);
        image.Metadata.ClearRanges(MetadataKinds.InactiveL1);
        foreach (var item in items)
        {
            image.Metadata.AddRange(MetadataKinds.InactiveL1, item.L1Offset, item.L1Entries * 8L);
            if ((image.Options.OverlapCheck & MetadataKinds.InactiveL2) != 0)
            {
                await NoteL2Async(item.L1Offset, item.L1Entries);
            }
        }
    }

    private async ValueTask NoteL2Async(long offset, uint entries)
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
}
