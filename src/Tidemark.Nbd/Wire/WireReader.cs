using System.Buffers.Binary;

namespace Tidemark.Nbd.Wire;

/// <summary>
/// Takes big-endian fields off the front of a span that a peer filled. A field that isn't wholly there makes
/// <see cref="Failed"/> true, for good, and reads as zero or empty: the caller checks once, at the end.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>Whether some field was cut off.</summary>
    public bool Failed { get; private set; }

    /// <summary>What hasn't been taken yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => rest;

    /// <summary>Whether all fields were there and nothing is left.</summary>
    public readonly bool IsExhausted => !Failed && rest.IsEmpty;

    public ushort Take16()
    {
        var field = Take(sizeof(ushort));
        return field.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(field);
    }

    public uint Take32()
    {
        var field = Take(sizeof(uint));
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(field);
    }

    public ulong Take64()
    {
        var field = Take(sizeof(ulong));
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(field);
    }

    /// <summary>The next <paramref name="count"/> bytes; empty when there are fewer.</summary>
    public ReadOnlySpan<byte> Take(uint count)
    {
        if (Failed || count > (uint)rest.Length)
        {
            Failed = true;
            rest = default;
            return default;
        }
        var field = rest[..(int)count];
        rest = rest[(int)count..];
        return field;
    }
}
