using System.Buffers.Binary;

namespace Tidemark.Nbd.Handshake;

/// <summary>Head of an option, client to server (NBD protocol, "Newstyle negotiation"): magic, option, length of the data that follows.</summary>
internal readonly record struct OptionHeader(OptionType Option, uint Length)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Size = 16;

    /// <summary>Parses <see cref="Size"/> bytes; false when the magic is wrong.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out OptionHeader header)
    {
        header = new(
            (OptionType)BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..])
        );
        return BinaryPrimitives.ReadUInt64BigEndian(bytes) == NbdMagic.Option;
    }

    /// <summary>Writes <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, NbdMagic.Option);
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], (uint)Option);
        BinaryPrimitives.WriteUInt32BigEndian(target[12..], Length);
    }
}
