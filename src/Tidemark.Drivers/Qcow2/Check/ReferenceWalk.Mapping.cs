using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>L1 and L2 tables, and the clusters that they map.</summary>
internal sealed partial class ReferenceWalk
{
    private readonly byte[] table = new byte[run.Layout.ClusterSize];

    private async ValueTask CountL1Async(long offset, int entries, bool isActive)
    {
        run.AddReferences(offset, (long)entries * sizeof(ulong));
        var l1 = new byte[(long)entries * sizeof(ulong)];
        var status = await storage.ReadAsync(offset, l1);
        if (status != IoStatus.Ok)
        {
            throw run.Fail("ERROR: I/O error in check_refcounts_l1", status);
        }
        Dictionary<long, int>? repeats = null;
        for (var i = 0; i < entries; i++)
        {
            var entry = new L2Entry(BinaryPrimitives.ReadUInt64BigEndian(l1.AsSpan(i * sizeof(ulong))), 0);
            if (entry.Value == 0)
            {
                continue;
            }
            if (entry.HasL1ReservedBits)
            {
                run.ReportCorruption($"ERROR found L1 entry with reserved bits set: {entry.Value:x}");
            }
            run.AddReferences(entry.Offset, layout.ClusterSize);
            if (!layout.IsAligned(entry.Offset))
            {
                run.ReportCorruption($"ERROR l2_offset={entry.Offset:x}: Table is not cluster aligned; L1 entry corrupted");
            }
            if (IsWorthWalking(layout.ClusterOf(entry.Offset), ref repeats))
            {
                await CountL2Async(entry.Offset, isActive);
            }
        }
    }

    /// <summary>Whether tables in this cluster have not been walked too often for one L1 table; snapshots may share one as often as they like.</summary>
    private bool IsWorthWalking(long cluster, ref Dictionary<long, int>? repeats)
    {
        if (run.References[cluster] <= CheckLimits.TableWalks)
        {
            return true;
        }
        repeats ??= [];
        var walks = repeats.GetValueOrDefault(cluster) + 1;
        repeats[cluster] = walks;
        return walks <= CheckLimits.TableWalks;
    }

    private async ValueTask CountL2Async(long offset, bool isActive)
    {
        if (offset >= run.FileLength)
        {
            // Reported with the L1 entry; there is nothing but zeroes to read.
            return;
        }
        var status = await storage.ReadAsync(offset, table);
        if (status != IoStatus.Ok)
        {
            throw run.Fail("ERROR: I/O error in check_refcounts_l2", status);
        }
        var entries = layout.ClusterSize / layout.L2EntrySize;
        var contiguous = 0L;
        for (var i = 0; i < entries; i++)
        {
            var skipped = MemoryMarshal.Cast<byte, ulong>(table.AsSpan(i * layout.L2EntrySize)).IndexOfAnyExcept(0UL);
            if (skipped < 0)
            {
                break;
            }
            i += skipped * sizeof(ulong) / layout.L2EntrySize;
            var entry = EntryAt(i);
            if (!entry.IsCompressed && entry.HasL2ReservedBits)
            {
                run.ReportCorruption($"ERROR found l2 entry with reserved bits set: {entry.Value:x}");
            }
            if (entry.IsCompressed)
            {
                CountCompressed(entry, i, isActive);
            }
            else if (entry.Offset != 0 || (entry.IsCopied && layout.HasDataFile))
            {
                if (entry.HasOverlappingSubclusters)
                {
                    run.ReportCorruption(
                        $"ERROR offset={entry.Offset:x}: Allocated cluster has corrupted subcluster allocation bitmap"
                    );
                }
                if (layout.IsAligned(entry.Offset) || !await RepairUnalignedAsync(offset, i, entry))
                {
                    CountCluster(entry, isActive, ref contiguous);
                }
            }
            else if ((entry.Subclusters & uint.MaxValue) != 0)
            {
                run.ReportCorruption("ERROR: Unallocated cluster has non-zero subcluster allocation map");
            }
        }
    }

    private L2Entry EntryAt(int index)
    {
        var bytes = table.AsSpan(index * layout.L2EntrySize);
        return new(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            layout.ExtendedL2 ? BinaryPrimitives.ReadUInt64BigEndian(bytes[sizeof(ulong)..]) : 0
        );
    }

    private void CountCompressed(L2Entry entry, int index, bool isActive)
    {
        var (start, length, first) = entry.CompressedRange(layout.ClusterBits);
        if (entry.IsCopied)
        {
            run.ReportCorruption($"ERROR: coffset=0x{first:x}: copied flag must never be set for compressed clusters");
        }
        if (layout.HasDataFile)
        {
            run.ReportCorruption($"ERROR compressed cluster {index} with data file, entry=0x{entry.Value:x}");
            return;
        }
        if (entry.Subclusters != 0)
        {
            run.ReportCorruption(
                $"ERROR compressed cluster {index} with non-zero subcluster allocation bitmap, entry=0x{entry.Value:x}"
            );
            return;
        }
        run.AddReferences(start, length);
        if (isActive)
        {
            // No two of them can be read as one.
            run.Result.AllocatedClusters++;
            run.Result.CompressedClusters++;
            run.Result.FragmentedClusters++;
        }
    }

    /// <summary>A cluster of its own. <paramref name="contiguous"/> is where the one before ends, 0 for none.</summary>
    private void CountCluster(L2Entry entry, bool isActive, ref long contiguous)
    {
        if (isActive)
        {
            run.Result.AllocatedClusters++;
            if (contiguous != 0 && entry.Offset != contiguous)
            {
                run.Result.FragmentedClusters++;
            }
            contiguous = entry.Offset + layout.ClusterSize;
        }
        if (!layout.HasDataFile)
        {
            run.AddReferences(entry.Offset, layout.ClusterSize);
        }
    }

    /// <summary>
    /// A cluster that does not begin where clusters do. One that reads as zeroes anyway can go without its space; true when that
    /// has been done.
    /// </summary>
    private async ValueTask<bool> RepairUnalignedAsync(long tableOffset, int index, L2Entry entry)
    {
        var isZero = entry.IsZero(layout.ExtendedL2);
        var repairs = isZero && RepairsErrors;
        run.ReportCorruption(
            $"{(repairs ? "Repairing" : "ERROR")} offset={entry.Offset:x}: {(isZero ? "Preallocated" : "Data")} cluster is not properly aligned; L2 entry corrupted."
        );
        if (!repairs)
        {
            return false;
        }
        var plainZero = new byte[sizeof(ulong)];
        plainZero[^1] = 1;
        var status = await storage.WriteAsync(tableOffset + ((long)index * layout.L2EntrySize), plainZero);
        if (status != IoStatus.Ok)
        {
            run.ReportFailure($"ERROR: Failed to overwrite L2 table entry: {status.Describe()}");
            return false;
        }
        run.Result.Corruptions--;
        run.Result.CorruptionsFixed++;
        return true;
    }
}
