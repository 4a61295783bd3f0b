using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tidemark.Bitmaps.Kernels;

/// <summary>
/// Loops over runs of 64-bit words. Pure: they touch what they are given and nothing else. Each has a 512-bit body where the
/// machine has one and a plain one for the rest and for other machines; optimised at first call, because precompiled code
/// would begin without the wide registers.
/// </summary>
internal static unsafe class BitKernels
{
    private const int Lanes = 8;

    /// <summary>How many bits are set in <paramref name="count"/> words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long PopCount(ulong* words, long count)
    {
        long a = 0;
        long i = 0;
        if (WidePopCount.IsSupported && count >= 4 * Lanes)
        {
            var sums = Vector512<ulong>.Zero;
            for (; i + Lanes <= count; i += Lanes)
            {
                sums += WidePopCount.PerLane(Vector512.Load(words + i));
            }
            a = (long)Vector512.Sum(sums);
        }
        for (; i < count; i++)
        {
            a += BitOperations.PopCount(words[i]);
        }
        return a;
    }

    /// <summary>ORs <paramref name="source"/> into <paramref name="target"/>; returns how many bits became set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long Or(ulong* target, ulong* source, long count)
    {
        long added = 0;
        long i = 0;
        if (WidePopCount.IsSupported)
        {
            var sums = Vector512<ulong>.Zero;
            for (; i + Lanes <= count; i += Lanes)
            {
                var old = Vector512.Load(target + i);
                var fresh = Vector512.AndNot(Vector512.Load(source + i), old);
                if (fresh != Vector512<ulong>.Zero)
                {
                    sums += WidePopCount.PerLane(fresh);
                    (old | fresh).Store(target + i);
                }
            }
            added = (long)Vector512.Sum(sums);
        }
        for (; i < count; i++)
        {
            var fresh = source[i] & ~target[i];
            added += BitOperations.PopCount(fresh);
            target[i] |= fresh;
        }
        return added;
    }

    /// <summary>Copies words and returns how many bits are set in them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long Copy(ulong* target, ulong* source, long count)
    {
        long set = 0;
        long i = 0;
        if (WidePopCount.IsSupported)
        {
            var sums = Vector512<ulong>.Zero;
            for (; i + Lanes <= count; i += Lanes)
            {
                var value = Vector512.Load(source + i);
                value.Store(target + i);
                sums += WidePopCount.PerLane(value);
            }
            set = (long)Vector512.Sum(sums);
        }
        for (; i < count; i++)
        {
            target[i] = source[i];
            set += BitOperations.PopCount(source[i]);
        }
        return set;
    }

    /// <summary>Index in <c>[from, to)</c> of the first word that differs from <paramref name="value"/> (all bits clear or all set); <paramref name="to"/> when none does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long FirstOther(ulong* words, long from, long to, ulong value)
    {
        var i = from;
        if (Vector512.IsHardwareAccelerated)
        {
            var same = Vector512.Create(value);
            for (; i + (4 * Lanes) <= to; i += 4 * Lanes)
            {
                var a = Vector512.Load(words + i) ^ same;
                var b = Vector512.Load(words + i + Lanes) ^ same;
                var c = Vector512.Load(words + i + (2 * Lanes)) ^ same;
                var d = Vector512.Load(words + i + (3 * Lanes)) ^ same;
                if ((a | b | c | d) != Vector512<ulong>.Zero)
                {
                    break;
                }
            }
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            var same = Vector256.Create(value);
            for (; i + Lanes <= to; i += Lanes)
            {
                var a = Vector256.Load(words + i) ^ same;
                var b = Vector256.Load(words + i + 4) ^ same;
                if ((a | b) != Vector256<ulong>.Zero)
                {
                    break;
                }
            }
        }
        while (i < to && words[i] == value)
        {
            i++;
        }
        return i;
    }
}
