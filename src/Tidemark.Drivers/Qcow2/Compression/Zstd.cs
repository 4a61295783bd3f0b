using System.Runtime.InteropServices;

namespace Tidemark.Drivers.Qcow2.Compression;

/// <summary>The parts of the system's libzstd that clusters take. It is loaded when the first image that needs it is opened.</summary>
internal static unsafe partial class Zstd
{
    private const string Library = "libzstd.so.1";
    private const int DefaultLevel = 3;
    private static readonly bool Present = NativeLibrary.TryLoad(Library, out _);

    /// <summary>Whether the library is there.</summary>
    public static bool IsAvailable => Present;

    /// <summary>
    /// Unpacks one frame, which may be followed by rubbish, into all of <paramref name="target"/>; false when it is damaged or
    /// gives fewer bytes.
    /// </summary>
    public static bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var stream = CreateStream();
        if (stream == 0)
        {
            return false;
        }
        try
        {
            fixed (byte* from = source)
            fixed (byte* to = target)
            {
                var input = new Buffer { Start = from, Size = (nuint)source.Length };
                var output = new Buffer { Start = to, Size = (nuint)target.Length };
                while (output.Position < output.Size)
                {
                    var before = (output.Position, input.Position);
                    var result = DecompressStream(stream, &output, &input);
                    if (IsError(result) != 0 || (result == 0 && output.Position < output.Size))
                    {
                        return false;
                    }
                    if (before == (output.Position, input.Position))
                    {
                        return false;
                    }
                }
                return true;
            }
        }
        finally
        {
            _ = FreeStream(stream);
        }
    }

    /// <summary>Packs all of <paramref name="source"/> into a frame; the bytes written, 0 if they don't fit into <paramref name="target"/>. On any thread.</summary>
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        fixed (byte* from = source)
        fixed (byte* to = target)
        {
            var written = Pack(to, (nuint)target.Length, from, (nuint)source.Length, DefaultLevel);
            return IsError(written) != 0 ? 0 : (int)written;
        }
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_compress")]
    private static partial nuint Pack(byte* target, nuint room, byte* source, nuint bytes, int level);

    [LibraryImport(Library, EntryPoint = "ZSTD_createDStream")]
    private static partial nint CreateStream();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDStream")]
    private static partial nuint FreeStream(nint stream);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    private static partial nuint DecompressStream(nint stream, Buffer* output, Buffer* input);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint code);

    // ZSTD_inBuffer and ZSTD_outBuffer have this one shape.
    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public byte* Start;
        public nuint Size;
        public nuint Position;
    }
}
