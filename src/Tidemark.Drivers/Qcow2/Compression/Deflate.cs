using System.IO.Compression;
using Tidemark.Core.Memory;

namespace Tidemark.Drivers.Qcow2.Compression;

/// <summary>Reads raw deflate streams, as zlib-compressed clusters are.</summary>
internal static unsafe class Deflate
{
    /// <summary>Unpacks a stream, which may be followed by rubbish, into all of <paramref name="target"/>; false when it is damaged or gives fewer bytes.</summary>
    public static bool TryDecompress(AlignedBuffer source, Span<byte> target)
    {
        try
        {
            using var packed = new UnmanagedMemoryStream(source.Pointer, source.Length);
            using var stream = new DeflateStream(packed, CompressionMode.Decompress);
            return stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) == target.Length;
        }
        catch (InvalidDataException)
        {
            // The one place where the runtime throws for damaged data: it becomes a status here.
            return false;
        }
    }
}
