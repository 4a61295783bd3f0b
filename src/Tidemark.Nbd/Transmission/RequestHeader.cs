using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Tidemark.Nbd.Transmission;

/// <summary>
/// Head of a request, client to server (NBD protocol, "Request message"), 28 or 32 bytes. Offset and length are what
/// came over the wire: nothing is checked but the magic.
/// </summary>
public readonly record struct RequestHeader(CommandFlags Flags, CommandType Type, ulong Cookie, ulong Offset, ulong Length)
{
    /// <summary>Bytes of a compact header.</summary>
    public const int CompactSize = 28;

    /// <summary>Bytes of an extended header.</summary>
    public const int ExtendedSize = 32;

    /// <summary>Bytes of a header in sessions of <paramref name="style"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOf(ReplyStyle style) => style == ReplyStyle.Extended ? ExtendedSize : CompactSize;

    /// <summary>
    /// Bytes that follow the header. "NBD_CMD_WRITE" always carries its length in a compact header; with extended headers
    /// whatever says so by a flag does.
    /// </summary>
    public ulong PayloadBytes(ReplyStyle style) =>
        style == ReplyStyle.Extended
            ? ((Flags & CommandFlags.PayloadLength) != 0 ? Length : 0)
            : (Type == CommandType.Write ? Length : 0);

    /// <summary>Parses as many bytes as <see cref="SizeOf"/> says; false when the magic is wrong.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryParse(ReadOnlySpan<byte> bytes, ReplyStyle style, out RequestHeader header)
    {
        var extended = style == ReplyStyle.Extended;
        header = new RequestHeader(
            (CommandFlags)BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]),
            (CommandType)BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            extended ? BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]) : BinaryPrimitives.ReadUInt32BigEndian(bytes[24..])
        );
        return BinaryPrimitives.ReadUInt32BigEndian(bytes) == (extended ? NbdMagic.ExtendedRequest : NbdMagic.Request);
    }

    /// <summary>Writes the header and returns its size, <see cref="SizeOf"/>.</summary>
    public int Write(Span<byte> target, ReplyStyle style)
    {
        var extended = style == ReplyStyle.Extended;
        BinaryPrimitives.WriteUInt32BigEndian(target, extended ? NbdMagic.ExtendedRequest : NbdMagic.Request);
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], (ushort)Flags);
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], (ushort)Type);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Cookie);
        BinaryPrimitives.WriteUInt64BigEndian(target[16..], Offset);
        if (extended)
        {
            BinaryPrimitives.WriteUInt64BigEndian(target[24..], Length);
            return ExtendedSize;
        }
        BinaryPrimitives.WriteUInt32BigEndian(target[24..], (uint)Length);
        return CompactSize;
    }
}
