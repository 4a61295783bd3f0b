using System.Runtime.InteropServices;
using System.Text;

namespace Tidemark.Cli;

/// <summary>
/// The name by which this process was called, without its folder. The runtime shows only the assembly behind a link, so it is
/// read where the kernel keeps what the caller passed; by system calls, since the runtime's files take longer to get going than
/// a short command to do its work.
/// </summary>
internal static partial class InvokedName
{
    private const int MaxBytes = 4096; // a path (PATH_MAX)
    private const int CloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC

    /// <summary>The last part of argv[0]; "tidemark" where the kernel does not tell.</summary>
    public static string Read()
    {
        var descriptor = open("/proc/self/cmdline"u8, CloseOnExec);
        Span<byte> start = stackalloc byte[MaxBytes];
        var count = descriptor < 0 ? 0 : read(descriptor, start, start.Length);
        _ = close(descriptor);
        return FromCommandLine(start[..(int)Math.Max(count, 0)]);
    }

    /// <summary>The last part of the first of the zero-terminated strings in <paramref name="commandLine"/>.</summary>
    internal static string FromCommandLine(ReadOnlySpan<byte> commandLine)
    {
        var end = commandLine.IndexOf((byte)0);
        var path = end < 0 ? commandLine : commandLine[..end];
        var name = path[(path.LastIndexOf((byte)'/') + 1)..];
        return name.IsEmpty ? "tidemark" : Encoding.UTF8.GetString(name);
    }

    // A UTF-8 literal ends in a zero byte.
    [LibraryImport("libc")]
    private static partial int open(ReadOnlySpan<byte> path, int flags);

    [LibraryImport("libc")]
    private static partial nint read(int descriptor, Span<byte> target, nint length);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
