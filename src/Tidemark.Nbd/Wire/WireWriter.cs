using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Nbd.Wire;

/// <summary>Big-endian fields (NBD protocol, "Conventions") appended to a growing buffer; for the handshake, where nothing is hot.</summary>
internal static class WireWriter
{
    public static void Put16(this ArrayBufferWriter<byte> output, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(output.GetSpan(sizeof(ushort)), value);
        output.Advance(sizeof(ushort));
    }

    public static void Put32(this ArrayBufferWriter<byte> output, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(sizeof(uint)), value);
        output.Advance(sizeof(uint));
    }

    public static void Put64(this ArrayBufferWriter<byte> output, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(output.GetSpan(sizeof(ulong)), value);
        output.Advance(sizeof(ulong));
    }

    public static void PutBytes(this ArrayBufferWriter<byte> output, ReadOnlySpan<byte> bytes) => output.Write(bytes);

    public static void PutZeroes(this ArrayBufferWriter<byte> output, int count)
    {
        output.GetSpan(count)[..count].Clear();
        output.Advance(count);
    }

    /// <summary>The length in 32 bits, then the text in UTF-8.</summary>
    public static void PutCounted(this ArrayBufferWriter<byte> output, string text)
    {
        output.Put32((uint)Encoding.UTF8.GetByteCount(text));
        output.PutText(text);
    }

    public static void PutText(this ArrayBufferWriter<byte> output, string text)
    {
        var written = Encoding.UTF8.GetBytes(text, output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length)));
        output.Advance(written);
    }
}
