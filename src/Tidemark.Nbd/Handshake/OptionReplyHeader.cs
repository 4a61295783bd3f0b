using System.Buffers.Binary;

namespace Tidemark.Nbd.Handshake;

/// <summary>Head of a reply to an option, server to client (NBD protocol, "Fixed newstyle negotiation").</summary>
internal readonly record struct OptionReplyHeader(OptionType Option, OptionReplyType Type, uint Length)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Size = 20;

    /// <summary>Whether the option was refused.</summary>
    public bool IsError => (Type & OptionReplyType.ErrorBit) != 0;

    /// <summary>Parses <see cref="Size"/> bytes; false when the magic is wrong.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out OptionReplyHeader header)
    {
        header = new(
            (OptionType)BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            (OptionReplyType)BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[16..])
        );
        return BinaryPrimitives.ReadUInt64BigEndian(bytes) == NbdMagic.OptionReply;
    }

    /// <summary>Writes <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, NbdMagic.OptionReply);
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], (uint)Option);
        BinaryPrimitives.WriteUInt32BigEndian(target[12..], (uint)Type);
        BinaryPrimitives.WriteUInt32BigEndian(target[16..], Length);
    }
}
