using System.IO.Compression;
using System.Runtime.InteropServices;
using Tidemark.Core.Memory;

namespace Tidemark.Drivers.Qcow2.Compression;

/// <summary>Raw deflate streams with a window of 4 KiB, as zlib-compressed clusters are.</summary>
internal static unsafe partial class Deflate
{
    // The runtime's own copy of zlib: its managed face has no way to say how large the window is.
    private const string Library = "libSystem.IO.Compression.Native";
    private const int DefaultLevel = -1;
    private const int Deflated = 8;

    // (qcow2 specification, "Compressed Clusters Descriptor": readers may have no larger window; negative for a raw stream.)
    private const int WindowBits = -12;
    private const int MostMemory = 9;
    private const int Finish = 4;
    private const int StreamEnd = 1;

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

    /// <summary>Packs all of <paramref name="source"/>; the bytes written, 0 if they don't fit into <paramref name="target"/>. On any thread.</summary>
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var stream = default(Stream);
        if (Begin(&stream, DefaultLevel, Deflated, WindowBits, MostMemory, strategy: 0) != 0)
        {
            return 0;
        }
        try
        {
            fixed (byte* from = source)
            fixed (byte* to = target)
            {
                stream.Input = from;
                stream.InputLeft = (uint)source.Length;
                stream.Output = to;
                stream.OutputLeft = (uint)target.Length;
                return Run(&stream, Finish) == StreamEnd ? target.Length - (int)stream.OutputLeft : 0;
            }
        }
        finally
        {
            _ = End(&stream);
        }
    }

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateInit2_")]
    private static partial int Begin(Stream* stream, int level, int method, int windowBits, int memory, int strategy);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Deflate")]
    private static partial int Run(Stream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateEnd")]
    private static partial int End(Stream* stream);

    // PAL_ZStream of the runtime.
    [StructLayout(LayoutKind.Sequential)]
    private struct Stream
    {
        public byte* Input;
        public byte* Output;
        public byte* Message;
        public void* State;
        public uint InputLeft;
        public uint OutputLeft;
    }
}
