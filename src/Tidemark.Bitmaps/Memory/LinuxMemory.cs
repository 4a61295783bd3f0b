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
    private const int AdviseHugePage = 14;
    private const int AdviseNoHugePage = 15;
    private const nint Failed = -1;

    /// <summary>Bytes of a huge page.</summary>
    public const int HugePageSize = 2 << 20;

    /// <summary>
    /// Zeroes of <paramref name="bytes"/> length that take no memory yet; null when the address space has no room. From the size of
    /// a huge page on, they begin at a multiple of it. Memory comes in small pages whatever the system's default is: a few
    /// scattered bits must not take 2 MiB each.
    /// </summary>
    public static void* Map(nuint bytes)
    {
        var slack = bytes >= HugePageSize ? (nuint)HugePageSize : 0;
        var address = Mmap(null, bytes + slack, ProtReadWrite, MapPrivate | MapAnonymous | MapNoReserve, -1, 0);
        if (address == Failed)
        {
            return null;
        }
        if (slack != 0)
        {
            var start = (nuint)address;
            var aligned = (start + slack - 1) & ~(slack - 1);
            Trim(start, aligned);
            Trim(aligned + bytes, start + bytes + slack);
            address = (nint)aligned;
        }
        PreferHugePages((void*)address, bytes, false);
        return (void*)address;
    }

    /// <summary>Says whether memory that comes into being there should come in huge pages. Advice: the kernel may not heed it.</summary>
    public static void PreferHugePages(void* address, nuint bytes, bool huge) =>
        _ = Madvise(address, bytes, huge ? AdviseHugePage : AdviseNoHugePage);

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

    private static void Trim(nuint from, nuint to)
    {
        if (from < to)
        {
            _ = Munmap((void*)from, to - from);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mremap")]
    private static partial nint Mremap(void* address, nuint oldLength, nuint newLength, int flags);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);
}
