using System.Security.Cryptography;

namespace Tidemark.Bitmaps;

/// <summary>Comparing contents.</summary>
public sealed unsafe partial class HierarchicalBitmap
{
    private const int DigestChunkWords = 1 << 17;

    /// <summary>
    /// SHA-256, in lower-case hexadecimal, of the bits as little-endian 64-bit words, at least one: what the reference's
    /// x-debug-block-dirty-bitmap-sha256 answers for the same content (contract Q7). Reads the whole bitmap, not only what is dirty.
    /// </summary>
    public string Sha256Hex()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var zeroes = new byte[DigestChunkWords * sizeof(ulong)];
        var total = Math.Max(1, (bitCount + 63) >> WordShift);
        for (long first = 0; first < total; first += DigestChunkWords)
        {
            var count = Math.Min(DigestChunkWords, total - first);
            var clean = NextSetBit(first << WordShift, ((first + count) << WordShift) - 1) < 0;
            var bytes = (int)count * sizeof(ulong);
            hash.AppendData(clean ? zeroes.AsSpan(0, bytes) : new ReadOnlySpan<byte>(words + first, bytes));
        }
        GC.KeepAlive(this);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
