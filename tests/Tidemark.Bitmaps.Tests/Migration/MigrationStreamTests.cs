using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Tidemark.Bitmaps.Migration;
using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps.Tests.Migration;

/// <summary>The migration stream: what is written is read back, however it is cut, and what is no such stream is refused. Rule M1.</summary>
public sealed class MigrationStreamTests
{
    private const string Machine = "none";

    [Theory]
    [InlineData(1, 9)]
    [InlineData(513, 9)]
    [InlineData((64 * 512) + 1, 9)]
    [InlineData((4096 * 512) + 512, 9)]
    [InlineData((64 << 20) + 512, 16)]
    [InlineData(20 << 20, 9)]
    [InlineData(5L << 30, 31)]
    public void A_bitmap_that_migrates_comes_back_equal_however_the_stream_is_cut(long size, int granularityBits)
    {
        using var pair = new BitmapPair(size, granularityBits, seed: 31);
        pair.Step();
        pair.Step();
        pair.Step();
        var stream = Write(pair.Real, BitmapStartFlags.Enabled | BitmapStartFlags.Persistent);
        foreach (var pieces in (int[])[stream.Length, 1, 7, 1000])
        {
            using var arrived = new HierarchicalBitmap(size, granularityBits);
            arrived.SetAll();
            var seen = Read(stream, pieces, arrived);
            Assert.Equal(pair.Real.Sha256Hex(), arrived.Sha256Hex());
            Assert.Equal(
                [
                    "machine none",
                    $"start drive0 b0 {1L << granularityBits} Enabled, Persistent",
                    "complete drive0 b0",
                    "state running",
                    "end",
                ],
                seen
            );
        }
    }

    [Fact]
    public void Records_name_their_node_and_bitmap_only_where_these_change()
    {
        var output = new ArrayBufferWriter<byte>();
        var stream = new MigrationStreamWriter(output);
        using var clean = new HierarchicalBitmap(1 << 20, 16);
        var records = stream.StartBitmaps();
        var before = output.WrittenCount;
        records.Start("n", "a", 65536, BitmapStartFlags.None);
        records.Start("n", "b", 65536, BitmapStartFlags.Enabled);
        records.Bits("n", "b", clean, new(0, 1 << 20));
        records.Complete("m", "b");
        Assert.Equal(
            "1C016E016100010000001401620001000001" + "42000000000000000000000800" + "2C016D0162",
            Convert.ToHexString(output.WrittenSpan[before..])
        );
    }

    [Fact]
    public void A_piece_counts_no_more_sectors_than_a_record_can_tell()
    {
        using var coarse = new HierarchicalBitmap(1L << 50, 31);
        long pieces = 0;
        for (var at = 0L; at < coarse.SizeBytes; pieces++)
        {
            var part = BitmapRecordWriter.Chunk(coarse, at);
            Assert.InRange(part.Length / MigrationLimits.SectorBytes, 1, uint.MaxValue);
            Assert.True(part.Offset == at && part.Offset % coarse.SerializationAlignment == 0);
            at = part.End;
        }
        Assert.InRange(pieces, 2, 1024);
    }

    [Fact]
    public void A_stream_that_is_cut_short_ends_nowhere_and_is_no_error()
    {
        using var bitmap = new HierarchicalBitmap(10 << 20, 9);
        bitmap.Set(new(12345, 1 << 20));
        var stream = Write(bitmap, BitmapStartFlags.Enabled);
        for (var length = 0; length < stream.Length; length++)
        {
            using var arrived = new HierarchicalBitmap(10 << 20, 9);
            var seen = Read(stream[..length], length + 1, arrived);
            // What comes behind the end is for people.
            Assert.Equal(length > EndOf(stream), seen.Contains("end"));
        }
    }

    [Theory]
    [InlineData("5145564E00000003 07", "Not a migration stream")]
    [InlineData("5145564D00000002 07", "SaveVM v2 format is obsolete and don't work anymore")]
    [InlineData("5145564D00000004 07", "Unsupported migration stream version")]
    [InlineData("5145564D00000003 01", "Configuration section missing")]
    [InlineData("5145564D00000003 07 FFFFFFFF", "The machine type in the migration stream is too long")]
    [InlineData(
        "5145564D00000003 07 00000000 05 01 78 00000001",
        "Unknown subsection 'x' (version 1) in the migration stream's configuration"
    )]
    [InlineData("5145564D00000003 07 00000000 0A", "Unknown savevm section type 10")]
    [InlineData("5145564D00000003 07 00000000 02 00000007", "Unknown savevm section 7")]
    [InlineData("5145564D00000003 07 00000000 08 0063 0000", "MIG_CMD 0x63 unknown (len 0x0)")]
    [InlineData("5145564D00000003 07 00000000 08 0002 0001 00", "Command 0x2 in the migration stream has 1 bytes where 4 belong")]
    [InlineData(
        "5145564D00000003 07 00000000 04 00000001 02 6863 00000000 00000001",
        "Unknown savevm section or instance 'hc' 0. Make sure that your current VM setup matches your saved VM setup, including any hotplugged devices"
    )]
    [InlineData(
        "5145564D00000003 07 00000000 01 00000002 03 72616D 00000000 00000005",
        "savevm: unsupported version 5 for 'ram' v4"
    )]
    [InlineData(
        "5145564D00000003 07 00000000 01 00000002 03 72616D 00000000 00000004 0000000008000004",
        "The migration stream brings a guest's memory (0x8000004), and this machine has none"
    )]
    [InlineData(
        "5145564D00000003 07 00000000 01 00000002 03 72616D 00000000 00000004 0000000000000010 7E 00000003",
        "Mismatched section id in footer for ram - read 0x3 expected 0x2"
    )]
    [InlineData(
        "5145564D00000003 07 00000000 01 00000002 03 72616D 00000000 00000004 0000000000000010 01 00000003",
        "Missing section footer for ram"
    )]
    public void What_is_no_such_stream_is_refused(string hex, string message) => Refused(hex, message);

    [Theory]
    [InlineData("80", "Unknown flags in a dirty bitmap's record: 0x80")]
    [InlineData("00", "Unknown flags in a dirty bitmap's record: 0x0")]
    [InlineData("30", "Unknown flags in a dirty bitmap's record: 0x30")]
    [InlineData("20", "Error: block device name is not set")]
    [InlineData("28 01 6E", "Error: a dirty bitmap's name is not set")]
    [InlineData("1C 01 6E 01 62 00000201 00", "The granularity of bitmap 'b' is no power of two within bounds: 513")]
    [InlineData("1C 01 6E 01 62 00000100 00", "The granularity of bitmap 'b' is no power of two within bounds: 256")]
    [InlineData("1C 01 6E 01 62 00000200 09", "Unknown flags in migrated dirty bitmap header: 8")]
    [InlineData("4E 01 6E 01 62 0000000000000000 00000000", "Bits of bitmap 'b' lie outside of any disk")]
    [InlineData("4E 01 6E 01 62 FFFFFFFFFFFFFFFF 00000001", "Bits of bitmap 'b' lie outside of any disk")]
    [InlineData(
        "4C 01 6E 01 62 0000000000000000 00000001 0000000100000000",
        "A piece of bitmap 'b' is of an unlikely size: 4294967296"
    )]
    [InlineData("4C 01 6E 01 62 0000000000000000 00000001 0000000000000000", "A piece of bitmap 'b' is of an unlikely size: 0")]
    public void Records_that_make_no_sense_are_refused(string record, string message) =>
        Refused(
            "5145564D00000003 07 00000000 01 00000003 0C 64697274792D6269746D6170 00000000 00000001" + record,
            message,
            section: "dirty-bitmap"
        );

    [Fact]
    public void What_a_package_holds_is_read_like_what_it_does_not()
    {
        var output = new ArrayBufferWriter<byte>();
        var stream = new MigrationStreamWriter(output);
        stream.Header(Machine, ["x-ignore-shared"], new byte[16]);
        stream.Command(StreamCommand.Packaged, [0, 0, 1, 0]);
        stream.Command(StreamCommand.PostcopyListen);
        stream.State("paused");
        stream.Command(StreamCommand.PostcopyRun);
        stream.End();
        Assert.Equal(
            ["machine none", "capability x-ignore-shared", "uuid 16", "PostcopyListen", "state paused", "PostcopyRun", "end"],
            Read(output.WrittenSpan.ToArray(), 3, null)
        );
    }

    private static void Refused(string hex, string message, string? section = null)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var reader = new MigrationStreamReader();
        var at = 0;
        var error = Assert.Throws<BlockException>(() =>
        {
            for (var found = true; found; )
            {
                found = reader.TryRead(bytes.AsSpan(at), out var consumed, out _);
                at += consumed;
            }
        });
        Assert.Equal(message, error.Message);
        Assert.Equal(IoStatus.InvalidArgument, section is null ? IoStatus.InvalidArgument : error.Status);
        if (section is not null)
        {
            Assert.Equal(section, reader.Section);
        }
    }

    private static byte[] Write(HierarchicalBitmap bitmap, BitmapStartFlags flags)
    {
        var output = new ArrayBufferWriter<byte>();
        var stream = new MigrationStreamWriter(output);
        stream.Header(Machine, [], []);
        stream.MemoryStart();
        var records = stream.StartBitmaps();
        records.Start("drive0", "b0", bitmap.Granularity, flags);
        stream.EndBitmaps();
        stream.Memory(last: false);
        stream.ContinueBitmaps(last: false);
        stream.EndBitmaps();
        stream.Memory(last: true);
        stream.ContinueBitmaps(last: true);
        for (var at = 0L; at < bitmap.SizeBytes; )
        {
            var part = BitmapRecordWriter.Chunk(bitmap, at);
            records.Bits("drive0", "b0", bitmap, part);
            at = part.End;
        }
        records.Complete("drive0", "b0");
        stream.EndBitmaps();
        stream.State("running");
        stream.End();
        stream.Description();
        return output.WrittenSpan.ToArray();
    }

    // The description is the one part behind the end: a mark, a length, the text.
    private static int EndOf(byte[] stream)
    {
        var text = stream.AsSpan().IndexOf("{\"page_size\""u8);
        Assert.Equal(stream.Length - text, (int)BinaryPrimitives.ReadUInt32BigEndian(stream.AsSpan(text - 4)));
        return text - 6;
    }

    private static List<string> Read(byte[] stream, int pieceBytes, HierarchicalBitmap? into)
    {
        List<string> seen = [];
        var reader = new MigrationStreamReader();
        var (start, end) = (0, 0);
        while (end < stream.Length)
        {
            end = Math.Min(end + pieceBytes, stream.Length);
            for (var found = true; found; )
            {
                found = reader.TryRead(stream.AsSpan(start, end - start), out var consumed, out var item);
                start += consumed;
                if (found && Tell(item, into) is { } text)
                {
                    seen.Add(text);
                }
            }
        }
        return seen;
    }

    private static string? Tell(StreamItem item, HierarchicalBitmap? into)
    {
        switch (item.Kind)
        {
            case StreamItemKind.BitmapBits when into is not null:
                var part =
                    item.Range.End > into.SizeBytes ? new(item.Range.Offset, into.SizeBytes - item.Range.Offset) : item.Range;
                if (item.Data.IsEmpty)
                {
                    into.DeserializeZeroes(part);
                }
                else
                {
                    into.Deserialize(part, item.Data);
                }
                return null;
            case StreamItemKind.BitmapStart:
                return $"start {item.Node} {item.Bitmap} {item.Granularity} {item.Flags}";
            case StreamItemKind.BitmapComplete:
                return $"complete {item.Node} {item.Bitmap}";
            case StreamItemKind.RunState:
                return $"state {item.Text}";
            case StreamItemKind.Uuid:
                return $"uuid {item.Data.Length}";
            case StreamItemKind.Command:
                return item.Command.ToString();
            default:
                return new StringBuilder(item.Kind.ToString().ToLowerInvariant())
                    .Append(item.Text is null ? "" : $" {item.Text}")
                    .ToString();
        }
    }
}
