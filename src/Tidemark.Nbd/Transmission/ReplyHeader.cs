using System.Buffers.Binary;

namespace Tidemark.Nbd.Transmission;

/// <summary>
/// Head of whatever a server sends in transmission, as a client sees it: a simple reply (which then is its last chunk, with
/// <see cref="Error"/>) or a chunk with <see cref="Length"/> bytes of payload.
/// </summary>
internal readonly record struct ReplyHeader(
    bool IsSimple,
    ChunkFlags Flags,
    ChunkType Type,
    ulong Cookie,
    ulong Length,
    NbdError Error
)
{
    /// <summary>Bytes that must be there before <see cref="TryParse"/> can tell more.</summary>
    public const int MinSize = 16;

    /// <summary>Whether nothing follows it for its request, other than its own payload.</summary>
    public bool IsLast => (Flags & ChunkFlags.Done) != 0;

    /// <summary>
    /// Parses a header of a session of <paramref name="style"/>. False when <paramref name="bytes"/> holds too few (then
    /// <paramref name="size"/> tells how many it takes) or the magic is wrong (then it is 0).
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, ReplyStyle style, out ReplyHeader header, out int size)
    {
        header = default;
        size = MinSize;
        if (bytes.Length < MinSize)
        {
            return false;
        }
        var magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        size = magic switch
        {
            NbdMagic.SimpleReply when style != ReplyStyle.Extended => 16,
            NbdMagic.StructuredReply when style == ReplyStyle.Structured => 20,
            NbdMagic.ExtendedReply when style == ReplyStyle.Extended => 32,
            _ => 0,
        };
        if (size == 0 || bytes.Length < size)
        {
            return false;
        }
        var cookie = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        if (magic == NbdMagic.SimpleReply)
        {
            var error = (NbdError)BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
            header = new ReplyHeader(true, ChunkFlags.Done, ChunkType.None, cookie, 0, error);
            return true;
        }
        header = new ReplyHeader(
            false,
            (ChunkFlags)BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]),
            (ChunkType)BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]),
            cookie,
            size == 32 ? BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]) : BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
            NbdError.None
        );
        return true;
    }
}
