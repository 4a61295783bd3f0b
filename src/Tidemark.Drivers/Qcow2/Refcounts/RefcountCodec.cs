using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Refcounts;

/// <summary>
/// Reads and writes the entries of a refcount block of any width. Entries narrower than a byte begin at the least
/// significant bit; wider ones are big-endian. (qcow2 specification, "Host cluster management".)
/// </summary>
internal static class RefcountCodec
{
    /// <summary>The refcount at <paramref name="index"/>, of 2^<paramref name="order"/> bits.</summary>
    public static ulong Get(ReadOnlySpan<byte> block, int order, int index) =>
        order switch
        {
            0 => (ulong)(block[index >> 3] >> (index & 7)) & 1,
            1 => (ulong)(block[index >> 2] >> ((index & 3) * 2)) & 3,
            2 => (ulong)(block[index >> 1] >> ((index & 1) * 4)) & 15,
            3 => block[index],
            4 => BinaryPrimitives.ReadUInt16BigEndian(block[(index * 2)..]),
            5 => BinaryPrimitives.ReadUInt32BigEndian(block[(index * 4)..]),
            6 => BinaryPrimitives.ReadUInt64BigEndian(block[(index * 8)..]),
            _ => throw Invariant.Unreachable("refcount width has been checked"),
        };

    /// <summary>Sets the refcount at <paramref name="index"/>; <paramref name="value"/> fits into 2^<paramref name="order"/> bits.</summary>
    public static void Set(Span<byte> block, int order, int index, ulong value)
    {
        switch (order)
        {
            case <= 2:
                var width = 1 << order;
                var shift = (index << order) & 7;
                ref var cell = ref block[(index << order) >> 3];
                var mask = ((1 << width) - 1) << shift;
                cell = (byte)((cell & ~mask) | ((int)value << shift));
                break;
            case 3:
                block[index] = (byte)value;
                break;
            case 4:
                BinaryPrimitives.WriteUInt16BigEndian(block[(index * 2)..], (ushort)value);
                break;
            case 5:
                BinaryPrimitives.WriteUInt32BigEndian(block[(index * 4)..], (uint)value);
                break;
            case 6:
                BinaryPrimitives.WriteUInt64BigEndian(block[(index * 8)..], value);
                break;
            default:
                throw Invariant.Unreachable("refcount width has been checked");
        }
    }

    /// <summary>Index of the first zero refcount at or after <paramref name="start"/>; the number of entries if there is none.</summary>
    public static int FindZero(ReadOnlySpan<byte> block, int order, int start)
    {
        var found = order switch
        {
            3 => block[start..].IndexOf((byte)0),
            4 => MemoryMarshal.Cast<byte, ushort>(block)[start..].IndexOf((ushort)0),
            5 => MemoryMarshal.Cast<byte, uint>(block)[start..].IndexOf(0u),
            6 => MemoryMarshal.Cast<byte, ulong>(block)[start..].IndexOf(0ul),
            _ => FindNarrow(block, order, start, zero: true) - start,
        };
        return found < 0 ? Entries(block, order) : start + found;
    }

    /// <summary>Index of the first refcount other than zero at or after <paramref name="start"/>; the number of entries if there is none.</summary>
    public static int FindNonZero(ReadOnlySpan<byte> block, int order, int start)
    {
        var found = order switch
        {
            3 => block[start..].IndexOfAnyExcept((byte)0),
            4 => MemoryMarshal.Cast<byte, ushort>(block)[start..].IndexOfAnyExcept((ushort)0),
            5 => MemoryMarshal.Cast<byte, uint>(block)[start..].IndexOfAnyExcept(0u),
            6 => MemoryMarshal.Cast<byte, ulong>(block)[start..].IndexOfAnyExcept(0ul),
            _ => FindNarrow(block, order, start, zero: false) - start,
        };
        return found < 0 ? Entries(block, order) : start + found;
    }

    /// <summary>How many of the first <paramref name="entries"/> refcounts are zero.</summary>
    public static int CountZeroes(ReadOnlySpan<byte> block, int order, int entries) =>
        order switch
        {
            3 => block[..entries].Count((byte)0),
            4 => MemoryMarshal.Cast<byte, ushort>(block)[..entries].Count((ushort)0),
            5 => MemoryMarshal.Cast<byte, uint>(block)[..entries].Count(0u),
            6 => MemoryMarshal.Cast<byte, ulong>(block)[..entries].Count(0ul),
            _ => CountNarrow(block, order, entries),
        };

    private static int CountNarrow(ReadOnlySpan<byte> block, int order, int entries)
    {
        var zeroes = 0;
        for (var i = 0; i < entries; i++)
        {
            zeroes += Get(block, order, i) == 0 ? 1 : 0;
        }
        return zeroes;
    }

    private static int Entries(ReadOnlySpan<byte> block, int order) => (block.Length << 3) >> order;

    // Several refcounts share a byte: whole bytes that can't hold what is looked for are passed over.
    private static int FindNarrow(ReadOnlySpan<byte> block, int order, int start, bool zero)
    {
        var entries = Entries(block, order);
        var perByte = 8 >> order;
        var index = start;
        while (index < entries)
        {
            if ((index & (perByte - 1)) == 0)
            {
                var rest = block[(index / perByte)..];
                // Only one-bit refcounts have a byte that surely holds no zero; a zero byte surely holds nothing else.
                var skip = zero ? (order == 0 ? rest.IndexOfAnyExcept((byte)0xff) : 0) : rest.IndexOfAnyExcept((byte)0);
                if (skip < 0)
                {
                    return entries;
                }
                index += skip * perByte;
            }
            if (Get(block, order, index) == 0 == zero)
            {
                return index;
            }
            index++;
        }
        return entries;
    }
}
