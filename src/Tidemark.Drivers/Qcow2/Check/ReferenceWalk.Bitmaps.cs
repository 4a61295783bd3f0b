using System.Buffers.Binary;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Bitmaps;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>The bitmaps' directory, tables and data.</summary>
internal sealed partial class ReferenceWalk
{
    private async ValueTask CountBitmapsAsync()
    {
        if (layout.BitmapCount == 0)
        {
            return;
        }
        run.AddReferences(layout.BitmapDirectoryOffset, layout.BitmapDirectorySize);
        var before = run.Result.Corruptions;
        BitmapDirectory directory;
        try
        {
            directory = await ReadDirectoryAsync();
        }
        catch (BlockException error)
        {
            run.Result.Corruptions++;
            throw new BlockException(error.Status, "Check failed");
        }
        if (directory.Entries.Sum(static e => (long)e.TableEntries) > CheckLimits.BitmapTableEntries)
        {
            throw run.Fail("ERROR: the bitmap tables are too long to be checked", IoStatus.FileTooBig);
        }
        foreach (var entry in directory.Entries)
        {
            run.AddReferences(entry.TableOffset, (long)entry.TableEntries * sizeof(ulong));
            await CountBitmapDataAsync(entry);
        }
        run.HasBitmapsOutside = run.Result.Corruptions > before;
    }

    private async ValueTask<BitmapDirectory> ReadDirectoryAsync()
    {
        var bytes = new byte[layout.BitmapDirectorySize];
        var status = await storage.ReadAsync(layout.BitmapDirectoryOffset, bytes);
        return status == IoStatus.Ok
            ? BitmapDirectory.Parse(bytes, layout.BitmapCount, layout.ClusterBits)
            : throw new BlockException(status, "Failed to read bitmap directory");
    }

    private async ValueTask CountBitmapDataAsync(BitmapDirectoryEntry entry)
    {
        // Piece by piece: a table may claim to be as long as the greatest bitmap that fits any image.
        for (var first = 0L; first < entry.TableEntries; first += table.Length / sizeof(ulong))
        {
            var offset = entry.TableOffset + (first * sizeof(ulong));
            if (offset >= run.FileLength)
            {
                return;
            }
            var count = (int)Math.Min(table.Length / sizeof(ulong), entry.TableEntries - first);
            var piece = table.AsMemory(0, count * sizeof(ulong));
            var status = await storage.ReadAsync(offset, piece);
            if (status != IoStatus.Ok)
            {
                run.Result.Corruptions++;
                throw new BlockException(status, "Check failed");
            }
            for (var i = 0; i < count; i++)
            {
                var item = new BitmapTableEntry(BinaryPrimitives.ReadUInt64BigEndian(piece.Span[(i * sizeof(ulong))..]));
                if (!item.IsValid(layout.ClusterBits))
                {
                    run.Result.Corruptions++;
                    throw new BlockException(IoStatus.InvalidArgument, "Check failed");
                }
                if (item.Offset != 0)
                {
                    run.AddReferences(item.Offset, layout.ClusterSize);
                }
            }
        }
    }
}
