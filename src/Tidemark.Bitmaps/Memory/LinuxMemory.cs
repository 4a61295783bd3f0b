using System.Runtime.InteropServices;

namespace Tidemark.Bitmaps.Memory;

/// <summary>Anonymous memory from the kernel: zero until first written, and given back page by page.</summary>
internal static unsafe partial class LinuxMemory
{
    private const int ProtReadWrite = 0x3;
    private const int MapPrivate = 0x02;
    private const int MapAnonymous = 0x20;
    private const int MapNoReserve = 0x4000;
    private const int RemapMayMove = 1;
    private const int AdviseDontNeed = 4;
    private const nint Failed = -1;

    /// <summary>Zeroes of <paramref name="bytes"/> length that take no memory yet; null when the address space has no room.</summary>
    public static void* Map(nuint bytes)
    {
        var address = Mmap(null, bytes, ProtReadWrite, MapPrivate | MapAnonymous | MapNoReserve, -1, 0);
        return address == Failed ? null : (void*)address;
    }

    /// <summary>The same memory with another length, perhaps elsewhere, new bytes zero; null (and nothing changed) when there is no room.</summary>
    public static void* Remap(void* address, nuint oldBytes, nuint newBytes)
    {
        var moved = Mremap(address, oldBytes, newBytes, RemapMayMove);
        return moved == Failed ? null : (void*)moved;
    }

    /// <summary>Gives whole pages back; they read as zeroes. False when the kernel refuses.</summary>
    public static bool Forget(void* address, nuint bytes) => Madvise(address, bytes, AdviseDontNeed) == 0;

    /// <summary>Ends a mapping.</summary>
    public static void Unmap(void* address, nuint bytes) => _ = Munmap(address, bytes);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mremap")]
    private static partial nint Mremap(void* address, nuint oldLength, nuint newLength, int flags);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);
}
