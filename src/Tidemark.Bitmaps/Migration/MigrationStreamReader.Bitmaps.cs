using System.Globalization;
using System.Numerics;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Bitmaps.Migration;

/// <summary>Records of the dirty-bitmap section; their form is drawn at <see cref="BitmapRecordWriter"/>.</summary>
public sealed partial class MigrationStreamReader
{
    private const BitmapRecordFlags Verbs =
        BitmapRecordFlags.EndOfSection | BitmapRecordFlags.Start | BitmapRecordFlags.Bits | BitmapRecordFlags.Complete;

    private string? node;
    private string? bitmap;

    private bool ReadRecord(scoped ref StreamCursor cursor, scoped ref StreamItem item)
    {
        var flags = (BitmapRecordFlags)cursor.U8();
        if (cursor.IsShort)
        {
            return false;
        }
        if ((flags & BitmapRecordFlags.More) != 0 || BitOperations.PopCount((uint)(flags & Verbs)) != 1)
        {
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"Unknown flags in a dirty bitmap's record: 0x{(int)flags:x}"));
        }
        if ((flags & BitmapRecordFlags.EndOfSection) != 0)
        {
            place = Place.Footer;
            return false;
        }
        // A node's name without a bitmap's stands for another bitmap of an unknown name.
        var named = (flags & BitmapRecordFlags.NodeName) != 0 ? cursor.Name() : node;
        var which = (flags & BitmapRecordFlags.BitmapName) != 0 ? cursor.Name() : bitmap;
        if (!cursor.IsShort)
        {
            item.Node = named ?? throw Bad("Error: block device name is not set");
            item.Bitmap = which ?? throw Bad("Error: a dirty bitmap's name is not set");
        }
        switch (flags & Verbs)
        {
            case BitmapRecordFlags.Start:
                ReadStart(ref cursor, ref item);
                break;
            case BitmapRecordFlags.Bits:
                ReadBits(ref cursor, ref item, (flags & BitmapRecordFlags.Zeroes) != 0);
                break;
            default:
                item.Kind = StreamItemKind.BitmapComplete;
                break;
        }
        if (!cursor.IsShort)
        {
            (node, bitmap) = (named, which);
        }
        return true;
    }

    private static void ReadStart(scoped ref StreamCursor cursor, scoped ref StreamItem item)
    {
        var granularity = cursor.U32();
        var flags = cursor.U8();
        if (cursor.IsShort)
        {
            return;
        }
        if (
            granularity is < (uint)BitmapLimits.MinGranularity or > (uint)BitmapLimits.MaxGranularity
            || !BitOperations.IsPow2(granularity)
        )
        {
            throw Bad($"The granularity of bitmap '{item.Bitmap}' is no power of two within bounds: {granularity}");
        }
        // Bit 2 once said that the bitmap loads with its image, as all persistent ones do.
        if ((flags & 0xf8) != 0)
        {
            throw Bad(
                string.Create(CultureInfo.InvariantCulture, $"Unknown flags in migrated dirty bitmap header: {flags & 0xf8:x}")
            );
        }
        item.Kind = StreamItemKind.BitmapStart;
        item.Granularity = granularity;
        item.Flags = (BitmapStartFlags)flags & (BitmapStartFlags.Enabled | BitmapStartFlags.Persistent);
    }

    private static void ReadBits(scoped ref StreamCursor cursor, scoped ref StreamItem item, bool areClean)
    {
        var first = cursor.U64();
        var count = cursor.U32();
        var bytes = areClean ? 0 : cursor.U64();
        if (cursor.IsShort)
        {
            return;
        }
        const ulong MostSectors = long.MaxValue / MigrationLimits.SectorBytes;
        if (count == 0 || first > MostSectors || count > MostSectors - first)
        {
            throw Bad($"Bits of bitmap '{item.Bitmap}' lie outside of any disk");
        }
        if (bytes > MigrationLimits.MaxChunkBytes || (bytes == 0 && !areClean))
        {
            throw Bad($"A piece of bitmap '{item.Bitmap}' is of an unlikely size: {bytes}");
        }
        item.Kind = StreamItemKind.BitmapBits;
        item.Range = new ByteRange((long)first * MigrationLimits.SectorBytes, (long)count * MigrationLimits.SectorBytes);
        item.Data = cursor.Take((int)bytes);
    }
}
