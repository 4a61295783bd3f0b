using System.Runtime.InteropServices;
using Tidemark.Core.Errors;

namespace Tidemark.Io.Linux;

/// <summary>
/// The C library's calls as this room uses them. All set errno; <see cref="LastError"/> reads it after a result of -1.
/// Structures that differ between architectures (stat, epoll_event) are avoided or built by hand.
/// </summary>
internal static unsafe partial class Libc
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EIO = 5;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int ENODEV = 19;
    public const int EINVAL = 22;
    public const int ENOTTY = 25;
    public const int ENOSPC = 28;
    public const int ESPIPE = 29;
    public const int EPIPE = 32;
    public const int ENOSYS = 38;
    public const int EXDEV = 18;
    public const int ENXIO = 6;
    public const int EBADF = 9;
    public const int EOPNOTSUPP = 95;
    public const int EADDRINUSE = 98;
    public const int ECONNABORTED = 103;
    public const int EINPROGRESS = 115;
    public const int EMFILE = 24;
    public const int ENFILE = 23;
    public const int ENOBUFS = 105;
    public const int ETXTBSY = 26;

    /// <summary>errno of the call that has just failed on this thread.</summary>
    public static IoStatus LastError => (IoStatus)Marshal.GetLastPInvokeError();

    /// <summary>The result of a call that can fail only for want of descriptors or memory, when nothing works any more.</summary>
    public static int Check(int result, string call)
    {
        if (result < 0)
        {
            throw new BlockException(LastError, call);
        }
        return result;
    }

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, void* target, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, void* data, nint length);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Fcntl(int descriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(int descriptor, nuint request, void* argument);
}
