using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Qcow2.Snapshots;

/// <summary>Walks a snapshot table, entry by entry, for whoever can read the image file.</summary>
/// <param name="read">Fills a buffer from an offset in the image file.</param>
/// <param name="start">Offset of the table, bytes.</param>
internal sealed class SnapshotReader(Func<long, Memory<byte>, ValueTask<IoStatus>> read, long start)
{
    private readonly byte[] head = new byte[Qcow2Snapshot.FixedBytes];
    private readonly long begin = start;
    private long position = start;

    /// <summary>Bytes of the table up to the end of the entry that was read last.</summary>
    public long Length => position - begin;

    /// <summary>The same without the extra data that was passed over.</summary>
    public long KeptLength { get; private set; }

    /// <summary>
    /// Reads the next entry. Extra data beyond <see cref="Limits.SnapshotExtraBytes"/> is passed over, and
    /// <see cref="Qcow2Snapshot.StoredExtraBytes"/> tells of it.
    /// </summary>
    public async ValueTask<(IoStatus Status, Qcow2Snapshot? Snapshot)> NextAsync()
    {
        position = Alignment.Up(position, 8);
        var status = await FillAsync(position, head);
        if (status != IoStatus.Ok)
        {
            return (status, null);
        }
        var (extraBytes, idBytes, nameBytes) = Qcow2Snapshot.Lengths(head);
        var kept = (int)Math.Min(extraBytes, Limits.SnapshotExtraBytes);
        var rest = new byte[kept + idBytes + nameBytes];
        status = await FillAsync(position + head.Length, rest.AsMemory(0, kept));
        if (status == IoStatus.Ok)
        {
            status = await FillAsync(position + head.Length + extraBytes, rest.AsMemory(kept));
        }
        if (status != IoStatus.Ok)
        {
            return (status, null);
        }
        position += head.Length + extraBytes + idBytes + nameBytes;
        KeptLength = Alignment.Up(KeptLength, 8) + head.Length + rest.Length;
        // What is too much is dropped to what is understood.
        var known = extraBytes > Limits.SnapshotExtraBytes ? Qcow2Snapshot.KnownExtraBytes : kept;
        return (IoStatus.Ok, Qcow2Snapshot.Read(head, rest.AsSpan(0, known), rest.AsSpan(kept)));
    }

    // Names and extra data may be empty.
    private ValueTask<IoStatus> FillAsync(long offset, Memory<byte> target) =>
        target.IsEmpty ? new(IoStatus.Ok) : read(offset, target);
}
