using System.Runtime.InteropServices;

namespace Tidemark.Io.Linux;

internal static unsafe partial class Libc
{
    // The same numbers on every architecture.
    private const nint SysIoUringSetup = 425;
    private const nint SysIoUringEnter = 426;
    private const nint SysIoUringRegister = 427;

    public const int PROT_READ_WRITE = 3;
    public const int MAP_SHARED_POPULATE = 0x8001;
    public const nint RingOffset = 0;
    public const nint EntriesOffset = 0x10000000;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* address, nuint length);

    public static int RingSetup(uint entries, RingParameters* parameters) =>
        (int)SystemCall(SysIoUringSetup, (nint)entries, (nint)parameters, 0, 0, 0, 0);

    public static int RingEnter(int ring, uint submit, uint wait, uint flags) =>
        (int)SystemCall(SysIoUringEnter, ring, (nint)submit, (nint)wait, (nint)flags, 0, 0);

    public static int RingRegister(int ring, uint what, void* argument, uint count) =>
        (int)SystemCall(SysIoUringRegister, ring, (nint)what, (nint)argument, (nint)count, 0, 0);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    /// <summary>struct io_uring_params.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct RingParameters
    {
        public uint SubmissionEntries;
        public uint CompletionEntries;
        public uint Flags;
        public uint ThreadCpu;
        public uint ThreadIdle;
        public uint Features;
        public uint WorkQueue;
        public uint Reserved0;
        public uint Reserved1;
        public uint Reserved2;
        public SubmissionOffsets Submission;
        public CompletionOffsets Completion;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct SubmissionOffsets
    {
        public uint Head;
        public uint Tail;
        public uint Mask;
        public uint Entries;
        public uint Flags;
        public uint Dropped;
        public uint Array;
        public uint Reserved;
        public ulong UserAddress;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct CompletionOffsets
    {
        public uint Head;
        public uint Tail;
        public uint Mask;
        public uint Entries;
        public uint Overflow;
        public uint Entry;
        public uint Flags;
        public uint Reserved;
        public ulong UserAddress;
    }

    /// <summary>struct io_uring_sqe, as far as files need it.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    public struct SubmissionEntry
    {
        public byte Operation;
        public byte Flags;
        public ushort Priority;
        public int Descriptor;
        public ulong Offset;
        public ulong Address;
        public uint Length;
        public uint OperationFlags;
        public ulong UserData;
    }

    /// <summary>struct io_uring_cqe.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct CompletionEntry
    {
        public ulong UserData;
        public int Result;
        public uint Flags;
    }
}
