using System.Runtime.CompilerServices;

namespace Tidemark.Core.Units;

/// <summary>Rounding to multiples of a power of two, in bytes.</summary>
public static class Alignment
{
    /// <summary>The largest multiple of <paramref name="alignment"/> (a power of two) that is not above <paramref name="value"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Down(long value, long alignment) => value & -alignment;

    /// <summary>The smallest multiple of <paramref name="alignment"/> (a power of two) that is not below <paramref name="value"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Up(long value, long alignment) => (value + alignment - 1) & -alignment;

    /// <summary>Whether <paramref name="value"/> is a multiple of <paramref name="alignment"/>, a power of two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(long value, long alignment) => (value & (alignment - 1)) == 0;

    /// <summary>How many parts of <paramref name="size"/> bytes it takes to hold <paramref name="value"/> bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long DivideUp(long value, long size) => (value / size) + (value % size == 0 ? 0 : 1);
}
