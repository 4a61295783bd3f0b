using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tidemark.Bitmaps.Kernels;

/// <summary>
/// Set bits of eight words at once: each byte is looked up in two halves in a table of sixteen, then the bytes of a lane are summed.
/// </summary>
internal static class WidePopCount
{
    /// <summary>Whether the machine has the byte shuffle and byte sum on 512 bits.</summary>
    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512BW.IsSupported;
    }

    /// <summary>The number of set bits of every lane, in that lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> PerLane(Vector512<ulong> words)
    {
        var table = Vector512.Create(
            Vector256.Create(
                Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4),
                Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4)
            ),
            Vector256.Create(
                Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4),
                Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4)
            )
        );
        var nibble = Vector512.Create((byte)0x0F);
        var low = Avx512BW.Shuffle(table, words.AsByte() & nibble);
        var high = Avx512BW.Shuffle(table, (words >>> 4).AsByte() & nibble);
        return Avx512BW.SumAbsoluteDifferences(low + high, Vector512<byte>.Zero).AsUInt64();
    }
}
