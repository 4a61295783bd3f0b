using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Tidemark.Nbd.Transmission;

/// <summary>
/// Writes replies into a span in the shape that the session agreed upon (NBD protocol, "Simple reply message", "Structured
/// reply chunk message"; extended headers by its extension). Each method returns how many bytes it wrote. Allocates nothing.
/// <code>
///   simple      magic error cookie                          16  (+ data)
///   structured  magic flags type cookie length              20  (+ payload)
///   extended    magic flags type cookie offset length       32  (+ payload)
/// </code>
/// </summary>
public readonly struct ReplyWriter(ReplyStyle style)
{
    /// <summary>Room that any reply without data, extents or a message needs, bytes.</summary>
    public const int MaxFixedSize = ExtendedChunk + HolePayload;

    private const int SimpleSize = 16;
    private const int StructuredChunk = 20;
    private const int ExtendedChunk = 32;
    private const int OffsetSize = sizeof(ulong);
    private const int HolePayload = sizeof(ulong) + sizeof(uint);
    private const int ErrorFields = sizeof(uint) + sizeof(ushort);

    /// <summary>What was agreed upon.</summary>
    public ReplyStyle Style => style;

    /// <summary>Bytes before the data of a read.</summary>
    public int DataHeaderSize =>
        style switch
        {
            ReplyStyle.Simple => SimpleSize,
            ReplyStyle.Structured => StructuredChunk + OffsetSize,
            _ => ExtendedChunk + OffsetSize,
        };

    /// <summary>Room for an error with <paramref name="message"/>, bytes.</summary>
    public static int MaxErrorSize(string message) =>
        ExtendedChunk + ErrorFields + Math.Min(Limits.MaxStringBytes, 3 * message.Length);

    /// <summary>Success without data: a simple reply where that is allowed, since it is shortest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int WriteDone(Span<byte> target, in RequestHeader request)
    {
        if (style == ReplyStyle.Extended)
        {
            return WriteChunk(target, request, ChunkFlags.Done, ChunkType.None, 0);
        }
        return WriteSimple(target, NbdError.None, request.Cookie);
    }

    /// <summary>The end of a read that had no data at all; a simple reply isn't allowed here once chunks are.</summary>
    public int WriteEmptyRead(Span<byte> target, in RequestHeader request) =>
        style == ReplyStyle.Simple
            ? WriteSimple(target, NbdError.None, request.Cookie)
            : WriteChunk(target, request, ChunkFlags.Done, ChunkType.None, 0);

    /// <summary>Failure; <paramref name="message"/>, for people, goes along where chunks are spoken, cut at 4096 bytes.</summary>
    public int WriteError(Span<byte> target, in RequestHeader request, NbdError error, string message)
    {
        if (style == ReplyStyle.Simple)
        {
            return WriteSimple(target, error, request.Cookie);
        }
        var head = style == ReplyStyle.Structured ? StructuredChunk : ExtendedChunk;
        var room = target[(head + ErrorFields)..];
        _ = Utf8.FromUtf16(message, room[..Math.Min(room.Length, Limits.MaxStringBytes)], out _, out var length);
        BinaryPrimitives.WriteUInt32BigEndian(target[head..], (uint)error);
        BinaryPrimitives.WriteUInt16BigEndian(target[(head + sizeof(uint))..], (ushort)length);
        return WriteChunk(target, request, ChunkFlags.Done, ChunkType.Error, ErrorFields + length) + ErrorFields + length;
    }

    /// <summary>
    /// What comes before <paramref name="length"/> bytes of data from <paramref name="offset"/> on, <see cref="DataHeaderSize"/>
    /// bytes; <paramref name="last"/> unless more chunks follow. A simple reply has all of the data at once.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int WriteDataHeader(Span<byte> target, in RequestHeader request, long offset, int length, bool last)
    {
        if (style == ReplyStyle.Simple)
        {
            return WriteSimple(target, NbdError.None, request.Cookie);
        }
        var flags = last ? ChunkFlags.Done : ChunkFlags.None;
        var head = WriteChunk(target, request, flags, ChunkType.OffsetData, OffsetSize + length);
        BinaryPrimitives.WriteUInt64BigEndian(target[head..], (ulong)offset);
        return head + OffsetSize;
    }

    /// <summary>A chunk that says that <paramref name="length"/> bytes from <paramref name="offset"/> on are zeroes. Not in simple style.</summary>
    public int WriteHole(Span<byte> target, in RequestHeader request, long offset, int length, bool last)
    {
        var flags = last ? ChunkFlags.Done : ChunkFlags.None;
        var head = WriteChunk(target, request, flags, ChunkType.OffsetHole, HolePayload);
        BinaryPrimitives.WriteUInt64BigEndian(target[head..], (ulong)offset);
        BinaryPrimitives.WriteUInt32BigEndian(target[(head + OffsetSize)..], (uint)length);
        return head + HolePayload;
    }

    /// <summary>A chunk head without its payload of <paramref name="payloadBytes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int WriteChunk(Span<byte> target, in RequestHeader request, ChunkFlags flags, ChunkType type, int payloadBytes)
    {
        var extended = style == ReplyStyle.Extended;
        BinaryPrimitives.WriteUInt32BigEndian(target, extended ? NbdMagic.ExtendedReply : NbdMagic.StructuredReply);
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], (ushort)type);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], request.Cookie);
        if (extended)
        {
            BinaryPrimitives.WriteUInt64BigEndian(target[16..], request.Offset);
            BinaryPrimitives.WriteUInt64BigEndian(target[24..], (ulong)payloadBytes);
            return ExtendedChunk;
        }
        BinaryPrimitives.WriteUInt32BigEndian(target[16..], (uint)payloadBytes);
        return StructuredChunk;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteSimple(Span<byte> target, NbdError error, ulong cookie)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, NbdMagic.SimpleReply);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], (uint)error);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], cookie);
        return SimpleSize;
    }
}
