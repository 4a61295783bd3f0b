using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Nbd.Tests;

/// <summary>Big-endian fields for messages made by hand.</summary>
internal static class Words
{
    public static byte[] Big16(int value) => [(byte)(value >> 8), (byte)value];

    public static byte[] Big32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Big64(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Counted(string text) =>
        [.. Big32((uint)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] Info(string name, params int[] wanted) =>
        [.. Counted(name), .. Big16(wanted.Length), .. wanted.SelectMany(Big16)];

    public static byte[] Queries(string name, params string[] queries) =>
        [.. Counted(name), .. Big32((uint)queries.Length), .. queries.SelectMany(Counted)];
}
