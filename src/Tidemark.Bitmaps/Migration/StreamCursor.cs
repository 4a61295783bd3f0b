using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Bitmaps.Migration;

/// <summary>
/// A place in bytes that have arrived. Reading beyond them is not an error: it gives zero and says so by <see cref="IsShort"/>,
/// and whoever reads throws away what it read and waits for more.
/// </summary>
internal ref struct StreamCursor(ReadOnlySpan<byte> input)
{
    private readonly ReadOnlySpan<byte> input = input;

    /// <summary>Bytes taken.</summary>
    public int Position { get; private set; }

    /// <summary>Whether a read went beyond what has arrived.</summary>
    public bool IsShort { get; private set; }

    public byte U8() => Take(1) is { IsEmpty: false } bytes ? bytes[0] : (byte)0;

    public ushort U16() =>
        Take(sizeof(ushort)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : (ushort)0;

    public uint U32() => Take(sizeof(uint)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;

    public ulong U64() => Take(sizeof(ulong)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;

    /// <summary>A string behind a byte of its length.</summary>
    public string Name() => Encoding.UTF8.GetString(Take(U8()));

    /// <summary>The next <paramref name="count"/> bytes, or none if they have not all arrived.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (IsShort || count > input.Length - Position)
        {
            IsShort = true;
            return default;
        }
        var taken = input.Slice(Position, count);
        Position += count;
        return taken;
    }
}
