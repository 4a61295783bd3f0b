using System.Text;

namespace Tidemark.Nbd.MetaContext;

/// <summary>
/// Whether a client's query means a context (NBD protocol, "Metadata querying"). When listing, the empty leaf-name of a
/// namespace we know stands for all in it, and so does "qemu:dirty-bitmap:"; when selecting, only the exact name counts.
/// </summary>
internal static class ContextQuery
{
    /// <summary>Whether <paramref name="query"/>, as it came over the wire, asks for the context <paramref name="name"/>.</summary>
    public static bool Matches(ReadOnlySpan<byte> query, string name, bool listing)
    {
        if (query.Length > Limits.MaxStringBytes)
        {
            return false;
        }
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetByteCount(name)];
        _ = Encoding.UTF8.GetBytes(name, bytes);
        return query.SequenceEqual(bytes) || (listing && IsWildcard(query) && bytes.StartsWith(query));
    }

    private static bool IsWildcard(ReadOnlySpan<byte> query) =>
        query.SequenceEqual("base:"u8) || query.SequenceEqual("qemu:"u8) || query.SequenceEqual("qemu:dirty-bitmap:"u8);
}
