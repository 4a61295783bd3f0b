using System.Runtime.InteropServices;

namespace Tidemark.Io.Linux;

internal static unsafe partial class Libc
{
    public const int O_RDONLY = 0;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_TRUNC = 0x200;
    public const int O_NONBLOCK = 0x800;
    public const int O_DSYNC = 0x1000;
    public const int O_CLOEXEC = 0x80000;

    public const int RWF_NOWAIT = 8;
    public const int SEEK_DATA = 3;
    public const int SEEK_HOLE = 4;
    public const int SEEK_END = 2;

    public const int FALLOC_FL_KEEP_SIZE = 1;
    public const int FALLOC_FL_PUNCH_HOLE = 2;
    public const int FALLOC_FL_ZERO_RANGE = 16;

    public const int F_GETFL = 3;
    public const int F_SETFL = 4;
    public const int F_DUPFD_CLOEXEC = 1030;
    public const int F_OFD_GETLK = 36;
    public const int F_OFD_SETLK = 37;
    public const short F_RDLCK = 0;
    public const short F_WRLCK = 1;
    public const short F_UNLCK = 2;

    public const nuint BLKDISCARD = 0x1277;
    public const nuint BLKZEROOUT = 0x127F;
    public const nuint BLKSSZGET = 0x1268;
    public const nuint BLKGETSIZE64 = 0x80081272;

    public const long TMPFS_MAGIC = 0x01021994;
    public const long RAMFS_MAGIC = 0x858458F6;
    public const long EXT_MAGIC = 0xEF53;
    public const long XFS_MAGIC = 0x58465342;
    public const long BTRFS_MAGIC = 0x9123683E;
    public const long F2FS_MAGIC = 0xF2F52010;
    public const long OVERLAY_MAGIC = 0x794C7630;

    // arm64 has its own numbers for these two.
    public static readonly int O_DIRECT = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint PRead(int descriptor, void* target, nint length, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint PWrite(int descriptor, void* data, nint length, long offset);

    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    public static partial nint PReadV2(int descriptor, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int FDataSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int FAllocate(int descriptor, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int FTruncate(int descriptor, long length);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long LSeek(int descriptor, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    public static partial nint CopyFileRange(int source, long* sourceOffset, int target, long* offset, nint length, uint flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int Statx(int directory, byte* path, int flags, uint mask, byte* result);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static partial int FStatFs(int descriptor, long* result);

    /// <summary>What statx tells of an open descriptor, or null with errno set.</summary>
    public static FileFacts? Facts(int descriptor)
    {
        byte empty = 0;
        return Facts(descriptor, &empty, AtEmptyPath);
    }

    /// <summary>What statx tells of a path (a link is followed), or null with errno set.</summary>
    public static FileFacts? Facts(string path)
    {
        var bytes = new byte[System.Text.Encoding.UTF8.GetMaxByteCount(path.Length) + 1];
        _ = System.Text.Encoding.UTF8.GetBytes(path, bytes);
        fixed (byte* pointer = bytes)
        {
            return Facts(AtWorkingDirectory, pointer, 0);
        }
    }

    /// <summary>Magic number of the file system that holds the descriptor, 0 when unknown.</summary>
    public static long FileSystemMagic(int descriptor)
    {
        // struct statfs begins with its type, a long, on all 64-bit Linux; 120 bytes in all.
        var result = stackalloc long[32];
        return FStatFs(descriptor, result) == 0 ? result[0] & 0xFFFFFFFF : 0;
    }

    private const int AtEmptyPath = 0x1000;
    private const int AtWorkingDirectory = -100;
    private const uint StatxBasic = 0x7FF;
    private const uint StatxDirectAlignment = 0x2000;

    private static FileFacts? Facts(int directory, byte* path, int flags)
    {
        // struct statx: mask 0, blksize 4, mode 28 (16 bits), ino 32, size 40, blocks 48, dio_mem_align 152, dio_offset_align 156.
        var result = stackalloc byte[256];
        new Span<byte>(result, 256).Clear();
        if (Statx(directory, path, flags, StatxBasic | StatxDirectAlignment, result) < 0)
        {
            return null;
        }
        return new FileFacts(
            Mode: *(ushort*)(result + 28),
            Length: *(long*)(result + 40),
            AllocatedBytes: *(long*)(result + 48) * 512,
            DirectMemoryAlignment: *(int*)(result + 152),
            DirectOffsetAlignment: *(int*)(result + 156)
        );
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct flock on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }
}
