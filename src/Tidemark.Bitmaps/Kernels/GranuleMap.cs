using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Tidemark.Bitmaps.Kernels;

/// <summary>
/// Bits between two granularities that differ by a factor of 2, 4 … 32, a word at a time. <c>log</c> is the factor's logarithm, 1 to 5.
/// <code>
/// widen by 4:   0110 0000 0001 …  ->  1 0 1 …        split by 4:   1 0 1 …  ->  1111 0000 1111 …
/// </code>
/// </summary>
internal static class GranuleMap
{
    /// <summary>One bit for each 2^log bits of <paramref name="fine"/>, set if any of them is; they come out packed at the low end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Widen(ulong fine, int log)
    {
        for (var step = 0; step < log; step++)
        {
            fine |= fine >> (1 << step);
        }
        return Gather(fine, Leaders(log));
    }

    /// <summary>2^log equal bits for each of the low 64 / 2^log bits of <paramref name="coarse"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Split(ulong coarse, int log) => Scatter(coarse, Leaders(log)) * ((1UL << (1 << log)) - 1);

    /// <summary>The lowest bit of each group of 2^log bits.</summary>
    private static ulong Leaders(int log) => ulong.MaxValue / ((1UL << (1 << log)) - 1);

    private static ulong Gather(ulong value, ulong mask)
    {
        if (Bmi2.X64.IsSupported)
        {
            return Bmi2.X64.ParallelBitExtract(value, mask);
        }
        ulong packed = 0;
        for (var index = 0; mask != 0; index++, mask &= mask - 1)
        {
            packed |= (value >> BitOperations.TrailingZeroCount(mask) & 1) << index;
        }
        return packed;
    }

    private static ulong Scatter(ulong value, ulong mask)
    {
        if (Bmi2.X64.IsSupported)
        {
            return Bmi2.X64.ParallelBitDeposit(value, mask);
        }
        ulong spread = 0;
        for (; mask != 0; value >>= 1, mask &= mask - 1)
        {
            spread |= (value & 1) << BitOperations.TrailingZeroCount(mask);
        }
        return spread;
    }
}
