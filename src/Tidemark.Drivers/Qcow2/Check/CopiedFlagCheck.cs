using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>
/// Last step of a check: the active tables' flags that say "refcount is exactly 1" (qcow2 spec, "Cluster mapping", bit 63) must
/// agree with the refcounts that the image records now, or a write would go into a shared cluster, or copy one for nothing.
/// </summary>
/// <param name="run">The check.</param>
internal sealed class CopiedFlagCheck(CheckRun run)
{
    private readonly CheckLayout layout = run.Layout;
    private readonly HashSet<long> walked = [];
    private readonly byte[] table = new byte[run.Layout.ClusterSize];

    /// <summary>Checks and, where that is safe, mends. Throws <see cref="BlockException"/> when a table can't be read or written.</summary>
    public async ValueTask CheckAsync()
    {
        var result = run.Result;
        // The flag is mended after the refcounts: only if these are right now, or if all is to be mended anyhow.
        var repairs = run.RepairsErrors || (run.RepairsLeaks && result is { CheckErrors: 0, Corruptions: 0, Leaks: 0 });
        var l1 = new byte[(long)layout.L1Entries * sizeof(ulong)];
        var status = await run.Storage.ReadAsync(layout.L1Offset, l1);
        if (status != IoStatus.Ok)
        {
            throw run.Fail($"ERROR: I/O error in check_oflag_copied(): {status.Describe()}", status);
        }
        for (var i = 0; i < layout.L1Entries; i++)
        {
            var entry = new L2Entry(BinaryPrimitives.ReadUInt64BigEndian(l1.AsSpan(i * sizeof(ulong))), 0);
            if (entry.Offset == 0)
            {
                continue;
            }
            if (!await CheckL1EntryAsync(i, entry, repairs))
            {
                continue;
            }
            // What the first walk passed over is passed over here, too.
            if (run.References[layout.ClusterOf(entry.Offset)] <= CheckLimits.TableWalks || walked.Add(entry.Offset))
            {
                await CheckL2Async(entry.Offset, repairs);
            }
        }
    }

    private async ValueTask<bool> CheckL1EntryAsync(int index, L2Entry entry, bool repairs)
    {
        var (status, refcount) = await run.Refcounts.GetAsync(layout.ClusterOf(entry.Offset));
        if (status != IoStatus.Ok)
        {
            // Reported by the comparison.
            return false;
        }
        if ((refcount == 1) == entry.IsCopied)
        {
            return true;
        }
        run.Report(
            $"{(repairs ? "Repairing" : "ERROR")} OFLAG_COPIED L2 cluster: l1_index={index} l1_entry={entry.Value:x} refcount={refcount}"
        );
        run.Result.Corruptions++;
        if (repairs)
        {
            var position = layout.L1Offset + ((long)index * sizeof(ulong));
            if (run.References[layout.ClusterOf(position)] != 1)
            {
                throw run.Fail("ERROR: Could not write L1 table: it shares its cluster with something else", IoStatus.IoError);
            }
            var bytes = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, entry.WithCopied(refcount == 1).Value);
            status = await run.Storage.WriteAsync(position, bytes);
            if (status != IoStatus.Ok)
            {
                throw run.Fail($"ERROR: Could not write L1 table: {status.Describe()}", status);
            }
            run.Result.Corruptions--;
            run.Result.CorruptionsFixed++;
        }
        return true;
    }

    private async ValueTask CheckL2Async(long offset, bool repairs)
    {
        if (offset >= run.FileLength)
        {
            return;
        }
        var status = await run.Storage.ReadAsync(offset, table);
        if (status != IoStatus.Ok)
        {
            throw run.Fail($"ERROR: I/O error in check_oflag_copied(): {status.Describe()}", status);
        }
        var mended = 0;
        for (var i = 0; i < table.Length; i += layout.L2EntrySize)
        {
            var skipped = MemoryMarshal.Cast<byte, ulong>(table.AsSpan(i)).IndexOfAnyExcept(0UL);
            if (skipped < 0)
            {
                break;
            }
            i += skipped * sizeof(ulong) / layout.L2EntrySize * layout.L2EntrySize;
            var entry = new L2Entry(BinaryPrimitives.ReadUInt64BigEndian(table.AsSpan(i)), 0);
            if (entry.IsCompressed || (entry.Offset == 0 && !(layout.HasDataFile && entry.IsCopied)))
            {
                continue;
            }
            // Nearly every entry is right, and its refcount at hand.
            var isRight =
                !layout.HasDataFile
                && run.Refcounts.TryGet(layout.ClusterOf(entry.Offset), out var refcount)
                && (refcount == 1) == entry.IsCopied;
            if (!isRight && await MendAsync(i, entry, repairs))
            {
                mended++;
            }
        }
        if (mended > 0)
        {
            await WriteBackAsync(offset, mended);
        }
    }

    /// <summary>Looks closer at an entry, reports it if it is wrong, and mends it in memory; true if it did.</summary>
    private async ValueTask<bool> MendAsync(int position, L2Entry entry, bool repairs)
    {
        var refcount = 1UL;
        if (!layout.HasDataFile)
        {
            (var status, refcount) = await run.Refcounts.GetAsync(layout.ClusterOf(entry.Offset));
            if (status != IoStatus.Ok)
            {
                return false;
            }
        }
        if ((refcount == 1) == entry.IsCopied)
        {
            return false;
        }
        run.Report(
            $"{(repairs ? "Repairing" : "ERROR")} OFLAG_COPIED data cluster: l2_entry={entry.Value:x} refcount={refcount}"
        );
        run.Result.Corruptions++;
        if (repairs)
        {
            BinaryPrimitives.WriteUInt64BigEndian(table.AsSpan(position), entry.WithCopied(refcount == 1).Value);
        }
        return repairs;
    }

    private async ValueTask WriteBackAsync(long offset, int mended)
    {
        // A table that is not where only tables of its kind can be is not written to: that would do harm elsewhere.
        var cluster = layout.ClusterOf(offset);
        if (!layout.IsAligned(offset) || (run.References[cluster] != 1 && IsOtherMetadata(cluster)))
        {
            run.ReportFailure("ERROR: Could not write L2 table; metadata overlap check failed: Input/output error");
            return;
        }
        var status = await run.Storage.WriteAsync(offset, table);
        if (status != IoStatus.Ok)
        {
            throw run.Fail($"ERROR: Could not write L2 table: {status.Describe()}", status);
        }
        run.Result.Corruptions -= mended;
        run.Result.CorruptionsFixed += mended;
    }

    private bool IsOtherMetadata(long cluster)
    {
        if (cluster == 0 || Holds(layout.L1Offset, (long)layout.L1Entries * sizeof(ulong)))
        {
            return true;
        }
        if (
            Holds(run.Refcounts.TableOffset, run.Refcounts.TableBytes)
            || Holds(layout.SnapshotsOffset, run.SnapshotTableBytes)
            || Holds(layout.BitmapDirectoryOffset, layout.BitmapDirectorySize)
        )
        {
            return true;
        }
        for (var i = 0; i < run.Refcounts.TableEntries; i++)
        {
            if (run.Refcounts.Entry(i) != 0 && layout.ClusterOf(run.Refcounts.BlockOffset(i)) == cluster)
            {
                return true;
            }
        }
        return false;

        bool Holds(long offset, long length) =>
            length > 0 && cluster >= layout.ClusterOf(offset) && cluster <= layout.ClusterOf(offset + length - 1);
    }
}
