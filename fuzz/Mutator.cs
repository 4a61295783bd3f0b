using System.Buffers.Binary;

namespace Tidemark.Fuzz;

/// <summary>Spoils bytes, by a seed: the same seed makes the same inputs.</summary>
internal sealed class Mutator(int seed)
{
    private const int LongestInput = 4 << 20;

    private static readonly ulong[] Interesting =
    [
        0,
        1,
        2,
        3,
        7,
        8,
        9,
        12,
        16,
        21,
        22,
        31,
        32,
        63,
        64,
        127,
        128,
        255,
        256,
        511,
        512,
        1023,
        1024,
        4095,
        4096,
        65535,
        65536,
        0x7FFF_FFFF,
        0x8000_0000,
        0xFFFF_FFFF,
        0x1_0000_0000,
        1UL << 40,
        1UL << 55,
        (1UL << 56) - 512,
        1UL << 62,
        1UL << 63,
        0x7FFF_FFFF_FFFF_FFFF,
        ulong.MaxValue,
    ];

    private readonly Random random = new(seed);

    /// <summary>A spoilt copy of one of <paramref name="pool"/>.</summary>
    public byte[] Next(IReadOnlyList<byte[]> pool)
    {
        var data = (byte[])pool[random.Next(pool.Count)].Clone();
        for (var rounds = 1 + random.Next(6); rounds > 0; rounds--)
        {
            data = Spoil(data, pool);
        }
        return data;
    }

    private byte[] Spoil(byte[] data, IReadOnlyList<byte[]> pool)
    {
        if (data.Length == 0)
        {
            return [(byte)random.Next(256)];
        }
        // Headers and tables are at the front: half of all changes go there.
        var reach = random.Next(2) == 0 ? Math.Min(data.Length, 1024) : data.Length;
        var at = random.Next(reach);
        switch (random.Next(9))
        {
            case 0:
                data[at] ^= (byte)(1 << random.Next(8));
                return data;
            case 1:
                data[at] = (byte)random.Next(256);
                return data;
            case 2 or 3:
                WriteNumber(data, at, Interesting[random.Next(Interesting.Length)]);
                return data;
            case 4:
                WriteNumber(data, at, (ulong)random.NextInt64());
                return data;
            case 5:
                return data[..at];
            case 6:
                return Splice(data, at, pool[random.Next(pool.Count)]);
            case 7:
                return Repeat(data, at);
            default:
                var length = Math.Min(random.Next(1, 64), data.Length - at);
                data.AsSpan(random.Next(data.Length - length + 1), length).CopyTo(data.AsSpan(at));
                return data;
        }
    }

    private void WriteNumber(byte[] data, int at, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        var width = 1 << random.Next(4);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value << (64 - (8 * width)));
        // Fields lie at multiples of their width more often than not.
        var start = random.Next(4) == 0 ? at : at & -width;
        bytes[..Math.Min(width, data.Length - start)].CopyTo(data.AsSpan(start));
    }

    private byte[] Splice(byte[] data, int at, byte[] other)
    {
        if (other.Length == 0)
        {
            return data;
        }
        var from = random.Next(other.Length);
        byte[] joined = [.. data.AsSpan(0, at), .. other.AsSpan(from)];
        return joined.Length <= LongestInput ? joined : joined[..LongestInput];
    }

    private byte[] Repeat(byte[] data, int at)
    {
        var length = Math.Min(random.Next(1, 32), data.Length - at);
        var times = random.Next(1, 64);
        if (data.Length + (length * times) > LongestInput)
        {
            return data;
        }
        var piece = data.AsSpan(at, length);
        var result = new byte[data.Length + (length * times)];
        data.AsSpan(0, at).CopyTo(result);
        for (var i = 0; i <= times; i++)
        {
            piece.CopyTo(result.AsSpan(at + (i * length)));
        }
        data.AsSpan(at + length).CopyTo(result.AsSpan(at + ((times + 1) * length)));
        return result;
    }
}
