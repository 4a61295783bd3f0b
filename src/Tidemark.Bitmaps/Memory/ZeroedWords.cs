using System.Runtime.InteropServices;
using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps.Memory;

/// <summary>
/// An array of 64-bit words outside the managed heap, zero at birth. A large one is mapped without reserve: memory comes into
/// being page by page when first written, so that 16 GiB of clean bitmap cost nothing. A small one comes from the allocator.
/// </summary>
/// <remarks>
/// The finaliser is a safety net for a bitmap that nobody disposed. Code that works on <see cref="Pointer"/> must keep the owner
/// alive to its end (<see cref="GC.KeepAlive"/>).
/// </remarks>
internal sealed unsafe class ZeroedWords : IDisposable
{
    /// <summary>From here on words are mapped, bytes.</summary>
    public const long MapThreshold = 64 << 10;

    /// <summary>Words of one huge page, the unit of <see cref="ExpectDense"/> and <see cref="Forget"/>.</summary>
    public const long StretchWords = LinuxMemory.HugePageSize / sizeof(ulong);

    /// <summary>Stretches of the whole process that may ask for huge pages: each can cost the kernel two mappings, and those are limited.</summary>
    private const int MaxDenseStretches = 4096;

    private const long PageSize = 4096;
    private const long MaxBytes = 1L << 46;

    private static int denseEverywhere;

    private bool mapped;
    private long bytes;
    private int dense;

    /// <summary>Room for <paramref name="count"/> words. Throws <see cref="BlockException"/> when there is no room for them.</summary>
    public ZeroedWords(long count) => Pointer = Allocate(count, out bytes, out mapped);

    ~ZeroedWords() => Release();

    /// <summary>First word; null once disposed.</summary>
    public ulong* Pointer { get; private set; }

    /// <summary>Bytes of address space taken.</summary>
    public long ReservedBytes => bytes;

    /// <summary>
    /// Room for <paramref name="count"/> words: those that fit keep their value, new ones are zero provided that those cut off
    /// earlier were. Throws <see cref="BlockException"/>, unchanged, when there is no room.
    /// </summary>
    public void Resize(long count)
    {
        var wanted = BytesFor(count);
        if (wanted == bytes)
        {
            return;
        }
        if (mapped && wanted >= MapThreshold)
        {
            var moved = wanted <= MaxBytes ? LinuxMemory.Remap(Pointer, (nuint)bytes, (nuint)wanted) : null;
            Pointer = moved != null ? (ulong*)moved : throw NoRoom(wanted);
            bytes = wanted;
            return;
        }
        var pointer = Allocate(count, out var size, out var isMapped);
        var kept = Math.Min(size, bytes);
        Buffer.MemoryCopy(Pointer, pointer, size, kept);
        Release();
        Pointer = pointer;
        (bytes, mapped) = (size, isMapped);
    }

    /// <summary>
    /// Says that most of the clean stretch that begins at word <paramref name="first"/> is about to be written: it may come as one
    /// huge page, which costs a fifth of the time of 512 small ones.
    /// </summary>
    public void ExpectDense(long first)
    {
        if (!mapped || (first + StretchWords) * sizeof(ulong) > bytes)
        {
            return;
        }
        if (Interlocked.Increment(ref denseEverywhere) > MaxDenseStretches)
        {
            _ = Interlocked.Decrement(ref denseEverywhere);
            return;
        }
        dense++;
        LinuxMemory.PreferHugePages(Pointer + first, LinuxMemory.HugePageSize, true);
    }

    /// <summary>Makes the whole stretch that begins at word <paramref name="first"/> zero and gives its pages back. False: not done.</summary>
    public bool Forget(long first)
    {
        if (!mapped || (first + StretchWords) * sizeof(ulong) > bytes)
        {
            return false;
        }
        return LinuxMemory.Forget(Pointer + first, LinuxMemory.HugePageSize);
    }

    /// <summary>Gives the memory back. Once only matters; twice does nothing.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private static ulong* Allocate(long count, out long bytes, out bool mapped)
    {
        bytes = BytesFor(count);
        mapped = bytes >= MapThreshold;
        if (!mapped)
        {
            return (ulong*)NativeMemory.AllocZeroed((nuint)bytes);
        }
        var pointer = bytes <= MaxBytes ? LinuxMemory.Map((nuint)bytes) : null;
        return pointer != null ? (ulong*)pointer : throw NoRoom(bytes);
    }

    private static long BytesFor(long count)
    {
        var exact = Math.Min(Math.Max(count, 1), MaxBytes) * sizeof(ulong);
        return exact < MapThreshold ? exact : (exact + PageSize - 1) & -PageSize;
    }

    private static BlockException NoRoom(long bytes) =>
        new(BlockErrorKind.NoSpace, $"Could not allocate {bytes} bytes for a bitmap") { Status = IoStatus.OutOfMemory };

    private void Release()
    {
        if (Pointer == null)
        {
            return;
        }
        if (mapped)
        {
            LinuxMemory.Unmap(Pointer, (nuint)bytes);
        }
        else
        {
            NativeMemory.Free(Pointer);
        }
        _ = Interlocked.Add(ref denseEverywhere, -dense);
        Pointer = null;
        bytes = 0;
        dense = 0;
    }
}
