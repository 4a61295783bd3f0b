using System.Globalization;
using System.Text;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Snapshots;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver : ISnapshotDriver
{
    // Ids and names have 16-bit lengths on disk; the reference keeps this many bytes of each.
    private const int LongestName = 255;

    /// <inheritdoc/>
    public IReadOnlyList<SnapshotInfo> Snapshots => [.. Image.Snapshots.Items.Select(Describe)];

    /// <inheritdoc/>
    public async ValueTask<SnapshotInfo> CreateSnapshotAsync(SnapshotInfo wanted)
    {
        var snapshot = new Qcow2Snapshot
        {
            IdBytes = Encoding.UTF8.GetBytes(NextId()),
            NameBytes = Cut(wanted.Name),
            DateSeconds = (uint)wanted.DateSeconds,
            DateNanoseconds = (uint)wanted.DateNanoseconds,
            VmClockNanoseconds = wanted.VmClockNanoseconds,
            VmStateBytes = (ulong)wanted.VmStateBytes,
            InstructionCount = wanted.InstructionCount,
            DiskBytes = SizeBytes,
        };
        await ChangeSnapshotsAsync(() => Image.CreateSnapshotAsync(snapshot), "Could not create the snapshot");
        return Describe(Image.Snapshots.Items[^1]);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteSnapshotAsync(SnapshotInfo snapshot)
    {
        if (Node.IsReadOnly)
        {
            throw new BlockException(IoStatus.NotPermitted, "Failed to remove snapshot from snapshot list");
        }
        var index = Require(snapshot);
        await ChangeSnapshotsAsync(() => Image.DeleteSnapshotAsync(index), "Failed to remove snapshot from snapshot list");
    }

    /// <inheritdoc/>
    public async ValueTask ApplySnapshotAsync(SnapshotInfo snapshot)
    {
        if (Node.Bitmaps.Count > 0)
        {
            throw new BlockException(BlockErrorKind.InUse, "Device has active dirty bitmaps");
        }
        var index = Require(snapshot);
        await ChangeSnapshotsAsync(() => Image.ApplySnapshotAsync(index), "Failed to load snapshot");
        hasPreallocatedMetadata = null;
    }

    /// <inheritdoc/>
    public async ValueTask ShowSnapshotAsync(SnapshotInfo snapshot)
    {
        if (!Node.IsReadOnly)
        {
            throw new BlockException(BlockErrorKind.AccessDenied, "Device is not readonly");
        }
        var (status, entries) = await Image.ReadSnapshotL1Async(Image.Snapshots.Items[Require(snapshot)]);
        Qcow2Image.Check(status, "Failed to read l1 table for snapshot");
        Image.L2.DropAll();
        Image.L1.Replace(entries);
        compressed.Forget();
        hasPreallocatedMetadata = null;
    }

    private async ValueTask ChangeSnapshotsAsync(Func<ValueTask<IoStatus>> change, string failure)
    {
        if (Image.IsUnusable)
        {
            throw new BlockException(IoStatus.NoMedium, failure);
        }
        await Image.Lock.EnterAsync();
        try
        {
            var status = await Image.MarkDirtyIfLazyAsync();
            Qcow2Image.Check(status == IoStatus.Ok ? await change() : status, failure);
        }
        finally
        {
            compressed.Forget();
            Image.Lock.Exit();
        }
    }

    private int Require(SnapshotInfo snapshot)
    {
        for (var i = 0; i < Image.Snapshots.Items.Count; i++)
        {
            if (Image.Snapshots.Items[i] is var item && item.Id == snapshot.Id && item.Name == snapshot.Name)
            {
                return i;
            }
        }
        throw new BlockException(BlockErrorKind.NotFound, "Can't find the snapshot");
    }

    // One more than the highest number there is.
    private string NextId()
    {
        var highest = 0UL;
        foreach (var item in Image.Snapshots.Items)
        {
            if (ulong.TryParse(item.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                highest = Math.Max(highest, number);
            }
        }
        return (highest + 1).ToString(CultureInfo.InvariantCulture);
    }

    private static byte[] Cut(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return bytes.Length > LongestName ? bytes[..LongestName] : bytes;
    }

    private static SnapshotInfo Describe(Qcow2Snapshot snapshot) =>
        new(snapshot.Id, snapshot.Name)
        {
            VmStateBytes = (long)Math.Min(snapshot.VmStateBytes, long.MaxValue),
            DateSeconds = snapshot.DateSeconds,
            DateNanoseconds = (int)Math.Min(snapshot.DateNanoseconds, 999_999_999),
            VmClockNanoseconds = snapshot.VmClockNanoseconds,
            InstructionCount = snapshot.InstructionCount,
        };
}
