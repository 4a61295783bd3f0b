using System.Buffers;
using Tidemark.Bitmaps;
using Tidemark.Bitmaps.Migration;
using Tidemark.Core.Errors;

namespace Tidemark.Fuzz.Targets;

/// <summary>Migration streams as a destination reads them: in pieces, the first byte of the input says of what length.</summary>
internal sealed class MigrationStreams : FuzzTarget
{
    private const int LongestPiece = 97;

    public override string Name => "migration-stream";

    public override long MemoryBound => 64L << 20;

    public override IReadOnlyList<byte[]> CreateSeeds() => [Write(0, postcopy: false), Write(3, postcopy: true)];

    public override void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }
        var piece = 1 + (input[0] % LongestPiece);
        var stream = input.AsSpan(1);
        var reader = new MigrationStreamReader();
        var (start, end) = (0, 0);
        try
        {
            while (end < stream.Length)
            {
                end = Math.Min(end + piece, stream.Length);
                for (var found = true; found; )
                {
                    found = reader.TryRead(stream[start..end], out var consumed, out var item);
                    start += consumed;
                    Check(found, item);
                }
                if (end - start >= MigrationLimits.BufferBytes)
                {
                    throw new InvalidOperationException("no progress with a full buffer");
                }
            }
        }
        catch (BlockException)
        {
            // What a hostile stream gets.
        }
    }

    private static void Check(bool found, StreamItem item)
    {
        var isBitmap = item.Kind is StreamItemKind.BitmapStart or StreamItemKind.BitmapBits or StreamItemKind.BitmapComplete;
        if (found && isBitmap && (item.Node is null || item.Bitmap is null || item.Data.Length > MigrationLimits.MaxChunkBytes))
        {
            throw new InvalidOperationException("a record of a bitmap without its name, or with too much data");
        }
    }

    private static byte[] Write(byte piece, bool postcopy)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write([piece]);
        var stream = new MigrationStreamWriter(output);
        using var bitmap = new HierarchicalBitmap(1 << 22, 9);
        bitmap.Set(new(1 << 20, 12345));
        stream.Header("none", ["x-ignore-shared"], new byte[16]);
        stream.Command(StreamCommand.Ping, [0, 0, 0, 1]);
        stream.MemoryStart();
        var records = stream.StartBitmaps();
        records.Start("drive0", "b0", bitmap.Granularity, BitmapStartFlags.Enabled);
        stream.EndBitmaps();
        if (postcopy)
        {
            stream.Command(StreamCommand.PostcopyListen);
            stream.State("running");
            stream.Command(StreamCommand.PostcopyRun);
        }
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
}
