using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Mapping;

namespace Tidemark.Drivers.Qcow2;

// Space ahead of the writes. "metadata": every cluster has its entry and its place, the file is a hole there. "falloc" and
// "full": the refcounts for all of it first, then the data in one piece, reserved or written with zeroes below.
internal sealed partial class Qcow2Driver
{
    private const long LongestRun = int.MaxValue;

    private async ValueTask PreallocateTablesAsync(long from, long to)
    {
        var geometry = Image.Geometry;
        var longest = Alignment.Down(LongestRun, ClusterSize);
        var offset = geometry.ClusterStart(from);
        var end = 0L;
        while (offset < to)
        {
            var range = ByteRange.Between(offset, Math.Min(geometry.ClusterEnd(to), offset + longest));
            var (status, done, hostEnd) = await PreallocateRunAsync(range);
            Qcow2Image.Check(status, "Could not preallocate metadata");
            offset = done;
            end = Math.Max(end, hostEnd);
        }
        if (end > Image.File.SizeBytes)
        {
            // The file is as long as if the last cluster had been written.
            await Image.File.TruncateAsync(end, exact: false, PreallocationMode.Off);
        }
    }

    private async ValueTask<(IoStatus Status, long Done, long HostEnd)> PreallocateRunAsync(ByteRange range)
    {
        var (status, slice) = await LoadForChangeAsync(range.Offset);
        if (status != IoStatus.Ok || slice is null)
        {
            return (status, 0, 0);
        }
        var index = mapper.SliceIndex(range.Offset);
        var left = (int)Math.Min(range.Length >> Image.Geometry.ClusterBits, Image.L2.SliceEntries - index);
        if (slice[index] != 0)
        {
            return (IoStatus.Ok, range.Offset + ClusterSize, 0);
        }
        var count = 1;
        while (count < left && slice[index + count] == 0)
        {
            count++;
        }
        slice.Pins++;
        var allocated = await Image.Refcounts.AllocateAsync(count);
        slice.Pins--;
        if (allocated.Status != IoStatus.Ok)
        {
            return (allocated.Status, 0, 0);
        }
        NameClusters(slice, index, count, allocated.Offset);
        var bytes = (long)count << Image.Geometry.ClusterBits;
        return (IoStatus.Ok, range.Offset + bytes, allocated.Offset + bytes);
    }

    private async ValueTask PreallocateDataAsync(long from, long to, PreallocationMode mode)
    {
        var geometry = Image.Geometry;
        var start = geometry.ClusterStart(from);
        var clusters = geometry.ClustersFor(to - start);
        if (clusters == 0)
        {
            return;
        }
        var oldEnd = geometry.ClusterEnd(Image.File.SizeBytes);
        var tables = Alignment.DivideUp(clusters, geometry.L2Entries);
        var area = await Image.Refcounts.ReserveAreaAsync(oldEnd, clusters, tables);
        Qcow2Image.Check(area.Status, "Failed to resize refcount structures");
        try
        {
            await Image.File.TruncateAsync(area.Offset + (clusters << geometry.ClusterBits), exact: false, mode);
        }
        catch (BlockException error)
        {
            _ = await Image.Refcounts.ReleaseAsync(area.Offset, clusters << geometry.ClusterBits);
            throw error.Prefixed("Failed to resize underlying file");
        }
        var host = area.Offset;
        var offset = start;
        while (offset < to)
        {
            var (status, done) = await NameReservedAsync(offset, to, host);
            Qcow2Image.Check(status, "Failed to update L2 tables");
            host += done;
            offset += done;
        }
    }

    private async ValueTask<(IoStatus Status, long Done)> NameReservedAsync(long offset, long to, long host)
    {
        var (status, slice) = await LoadForChangeAsync(offset);
        if (status != IoStatus.Ok || slice is null)
        {
            return (status, 0);
        }
        var index = mapper.SliceIndex(offset);
        var left = Image.Geometry.ClustersFor(to - offset);
        var count = (int)Math.Min(left, Image.L2.SliceEntries - index);
        if (slice[index] != 0)
        {
            // The old end's cluster has its place: what was reserved for it goes back.
            return (await Image.Refcounts.ReleaseAsync(host, ClusterSize), ClusterSize);
        }
        NameClusters(slice, index, count, host);
        return (IoStatus.Ok, (long)count << Image.Geometry.ClusterBits);
    }

    private void NameClusters(L2Slice slice, int index, int count, long host)
    {
        for (var i = 0; i < count; i++)
        {
            slice[index + i] = ((ulong)host + ((ulong)i << Image.Geometry.ClusterBits)) | EntryBits.Copied;
        }
        Image.L2.MarkDirty(slice);
    }

    // The slice that maps the offset, in memory and changeable in place; under the lock.
    private async ValueTask<(IoStatus Status, L2Slice? Slice)> LoadForChangeAsync(long guestOffset)
    {
        var status = await Image.EnsureL2TableAsync((int)Image.Geometry.L1Index(guestOffset));
        var sliceOffset = mapper.SliceOffset(guestOffset);
        L2Slice? slice = null;
        while (status == IoStatus.Ok && !Image.L2.TryGet(sliceOffset, out slice))
        {
            status = await Image.L2.LoadAsync(sliceOffset, underLock: true);
        }
        return (status, slice);
    }
}
