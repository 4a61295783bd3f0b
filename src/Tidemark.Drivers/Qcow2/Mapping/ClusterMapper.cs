using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2.Mapping;

/// <summary>
/// Says where guest bytes lie. A plain call while the slice of the L2 table is in memory:
/// <code>
///   guest offset  [ L1 index | L2 index | offset in cluster ]
///                      |          |
///   L1 table  -&gt; L2 table -&gt; entry -&gt; host cluster
/// </code>
/// </summary>
internal sealed class ClusterMapper(Qcow2Image image)
{
    private readonly Qcow2Geometry geometry = image.Geometry;
    private readonly bool hasZeroFlag = image.Header.Version >= 3;

    /// <summary>What an L2 entry says.</summary>
    public ClusterKind KindOf(ulong entry)
    {
        if ((entry & EntryBits.Compressed) != 0)
        {
            return ClusterKind.Compressed;
        }
        var offset = (long)(entry & Qcow2Geometry.OffsetMask);
        if ((entry & EntryBits.Zero) != 0)
        {
            return !hasZeroFlag || !geometry.IsClusterAligned(offset) ? ClusterKind.Invalid
                : offset == 0 ? ClusterKind.ZeroPlain
                : ClusterKind.ZeroAllocated;
        }
        return offset == 0 ? ClusterKind.Unallocated
            : geometry.IsClusterAligned(offset) ? ClusterKind.Normal
            : ClusterKind.Invalid;
    }

    /// <summary>
    /// The run that begins at the guest offset, at most <paramref name="length"/> bytes; it may be cut short at the end of a
    /// slice. False when a slice must be loaded first: <paramref name="missing"/> is its place in the image file.
    /// </summary>
    public bool TryMap(long guestOffset, long length, out GuestRun run, out long missing)
    {
        missing = 0;
        var l1Index = geometry.L1Index(guestOffset);
        var table = l1Index < image.L1.Entries ? image.L1.OffsetOf((int)l1Index) : 0;
        if (table == 0 || !geometry.IsClusterAligned(table))
        {
            var left = geometry.L2Coverage - (guestOffset & (geometry.L2Coverage - 1));
            run = new(table == 0 ? ClusterKind.Unallocated : ClusterKind.Invalid, Math.Min(length, left));
            return true;
        }
        var l2 = image.L2;
        var index = geometry.L2Index(guestOffset);
        var sliceOffset = table + ((long)(index >> l2.SliceEntriesBits) << (l2.SliceEntriesBits + 3));
        if (!l2.TryGet(sliceOffset, out var slice))
        {
            (run, missing) = (default, sliceOffset);
            return false;
        }
        run = MapInSlice(slice, index & (l2.SliceEntries - 1), geometry.OffsetInCluster(guestOffset), length);
        return true;
    }

    /// <summary>Where the slice that maps the guest offset lies in the image file; 0 if there is no table.</summary>
    public long SliceOffset(long guestOffset)
    {
        var l1Index = geometry.L1Index(guestOffset);
        var table = l1Index < image.L1.Entries ? image.L1.OffsetOf((int)l1Index) : 0;
        var index = geometry.L2Index(guestOffset);
        return table == 0 ? 0 : table + ((long)(index >> image.L2.SliceEntriesBits) << (image.L2.SliceEntriesBits + 3));
    }

    /// <summary>Index in its slice of the entry that maps the guest offset.</summary>
    public int SliceIndex(long guestOffset) => geometry.L2Index(guestOffset) & (image.L2.SliceEntries - 1);

    /// <summary>
    /// Like <see cref="TryMap"/>, loading what is missing. Damage is reported, and
    /// answered with <see cref="IoStatus.IoError"/>.
    /// </summary>
    public async ValueTask<(IoStatus Status, GuestRun Run)> MapAsync(long guestOffset, long length, bool forWrite)
    {
        GuestRun run;
        while (!TryMap(guestOffset, length, out run, out var missing))
        {
            var status = await image.L2.LoadAsync(missing, underLock: false);
            if (status != IoStatus.Ok)
            {
                return (status, default);
            }
        }
        if (run.Kind == ClusterKind.Invalid)
        {
            await ReportInvalidAsync(guestOffset, run.Entry, forWrite);
            return (IoStatus.IoError, run);
        }
        return (IoStatus.Ok, run);
    }

    /// <summary>
    /// Reports the damaged entry that maps the guest offset; reads and writes have words of their own for it. The image is at an
    /// end, unless it is only read.
    /// </summary>
    public ValueTask ReportInvalidAsync(long guestOffset, ulong entry, bool forWrite)
    {
        var l1Index = (int)geometry.L1Index(guestOffset);
        var table = image.L1.OffsetOf(l1Index);
        if (!geometry.IsClusterAligned(table))
        {
            return image.MarkCorruptAsync(
                $"L2 table offset {Hex.Of(table)} unaligned (L1 index: {Hex.Of(l1Index)})",
                -1,
                -1,
                fatal: true
            );
        }
        var offset = (long)(entry & Qcow2Geometry.OffsetMask);
        var place = $"(L2 offset: {Hex.Of(table)}, L2 index: {Hex.Of(geometry.L2Index(guestOffset))})";
        var isZero = (entry & EntryBits.Zero) != 0;
        if (isZero && !hasZeroFlag)
        {
            return image.MarkCorruptAsync($"Zero cluster entry found in pre-v3 image {place}", -1, -1, fatal: true);
        }
        if (forWrite)
        {
            return image.MarkCorruptAsync(
                $"{(isZero ? "Preallocated zero" : "Data")} cluster offset {Hex.Of(offset)} unaligned "
                    + $"(guest offset: {Hex.Of(guestOffset)})",
                -1,
                -1,
                fatal: true
            );
        }
        return image.MarkCorruptAsync($"Cluster allocation offset {Hex.Of(offset)} unaligned {place}", -1, -1, fatal: true);
    }

    private GuestRun MapInSlice(L2Slice slice, int index, int inCluster, long length)
    {
        var first = slice[index];
        var kind = KindOf(first);
        var wanted = (int)Math.Min(geometry.ClustersFor(inCluster + length), image.L2.SliceEntries - index);
        var count = 1;
        switch (kind)
        {
            case ClusterKind.Normal or ClusterKind.ZeroAllocated:
                // The same flags and the next host cluster.
                while (count < wanted && slice[index + count] == first + ((ulong)count << geometry.ClusterBits))
                {
                    count++;
                }
                break;
            case ClusterKind.Unallocated or ClusterKind.ZeroPlain:
                while (count < wanted && KindOf(slice[index + count]) == kind)
                {
                    count++;
                }
                break;
            default:
                break;
        }
        var bytes = Math.Min(length, ((long)count << geometry.ClusterBits) - inCluster);
        var host = (long)(first & Qcow2Geometry.OffsetMask) + inCluster;
        return new(kind, bytes, kind is ClusterKind.Normal or ClusterKind.ZeroAllocated ? host : 0, first);
    }
}
