using Tidemark.Core.Units;

namespace Tidemark.Bitmaps.Migration;

/// <summary>
/// Writes the records of the dirty-bitmap section. A record names its node and bitmap only where they differ from those of the
/// record before, so records of one bitmap belong together.
/// </summary>
/// <remarks>
/// <code>
///   start      flags, [node], [bitmap], granularity (4 bytes), what it will be (1)
///   bits       flags, [node], [bitmap], first sector (8), sectors (4), unless clean: bytes of data (8), data
///   complete   flags, [node], [bitmap]
/// </code>
/// </remarks>
public sealed class BitmapRecordWriter
{
    private readonly MigrationStreamWriter stream;
    private string? lastNode;
    private (string? Node, string? Bitmap) lastBitmap;

    internal BitmapRecordWriter(MigrationStreamWriter stream) => this.stream = stream;

    /// <summary>Announces a bitmap. Names are at most <see cref="MigrationLimits.NameBytes"/> bytes; <paramref name="granularity"/> in bytes.</summary>
    public void Start(string node, string bitmap, long granularity, BitmapStartFlags flags)
    {
        Begin(BitmapRecordFlags.Start, node, bitmap);
        stream.U32((uint)granularity);
        stream.U8((byte)flags);
    }

    /// <summary>The bits of <paramref name="part"/>, a piece as <see cref="Chunk"/> gives them.</summary>
    public void Bits(string node, string bitmap, HierarchicalBitmap content, ByteRange part)
    {
        var isClean = content.IsAllZero(part);
        Begin(BitmapRecordFlags.Bits | (isClean ? BitmapRecordFlags.Zeroes : 0), node, bitmap);
        stream.U64((ulong)(part.Offset / MigrationLimits.SectorBytes));
        stream.U32((uint)Alignment.DivideUp(part.Length, MigrationLimits.SectorBytes));
        if (isClean)
        {
            return;
        }
        var bytes = (int)Alignment.Up(content.SerializedSize(part), MigrationLimits.DataAlignment);
        stream.U64((ulong)bytes);
        _ = content.Serialize(part, stream.Reserve(bytes));
    }

    /// <summary>A bitmap is complete.</summary>
    public void Complete(string node, string bitmap) => Begin(BitmapRecordFlags.Complete, node, bitmap);

    /// <summary>
    /// The piece of <paramref name="content"/> that begins at <paramref name="offset"/>: as much of the disk as
    /// <see cref="MigrationLimits.ChunkBytes"/> of bits stand for, and no more sectors than a record can count.
    /// </summary>
    public static ByteRange Chunk(HierarchicalBitmap content, long offset)
    {
        var most = Alignment.Down((long)uint.MaxValue * MigrationLimits.SectorBytes, content.SerializationAlignment);
        var length = Math.Min(content.SerializationCoverage(MigrationLimits.ChunkBytes), most);
        return new ByteRange(offset, Math.Min(length, content.SizeBytes - offset));
    }

    private void Begin(BitmapRecordFlags flags, string node, string bitmap)
    {
        var isNewNode = node != lastNode;
        if (isNewNode)
        {
            flags |= BitmapRecordFlags.NodeName;
        }
        if (lastBitmap != (node, bitmap))
        {
            flags |= BitmapRecordFlags.BitmapName;
        }
        stream.U8((byte)flags);
        if (isNewNode)
        {
            stream.Name(node);
        }
        if (lastBitmap != (node, bitmap))
        {
            stream.Name(bitmap);
        }
        (lastNode, lastBitmap) = (node, (node, bitmap));
    }
}
