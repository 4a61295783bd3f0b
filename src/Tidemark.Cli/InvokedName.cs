using System.Text;

namespace Tidemark.Cli;

/// <summary>
/// The name by which this process was called, without its folder. The runtime shows only the assembly behind a link, so it is
/// read where the kernel keeps what the caller passed.
/// </summary>
internal static class InvokedName
{
    private const int MaxBytes = 4096; // a path (PATH_MAX)

    /// <summary>The last part of argv[0]; "tidemark" where the kernel does not tell.</summary>
    public static string Read()
    {
        try
        {
            using var file = File.OpenHandle("/proc/self/cmdline");
            Span<byte> start = stackalloc byte[MaxBytes];
            return FromCommandLine(start[..RandomAccess.Read(file, start, 0)]);
        }
        catch (IOException)
        {
            return "tidemark";
        }
    }

    /// <summary>The last part of the first of the zero-terminated strings in <paramref name="commandLine"/>.</summary>
    internal static string FromCommandLine(ReadOnlySpan<byte> commandLine)
    {
        var end = commandLine.IndexOf((byte)0);
        var path = end < 0 ? commandLine : commandLine[..end];
        var name = path[(path.LastIndexOf((byte)'/') + 1)..];
        return name.IsEmpty ? "tidemark" : Encoding.UTF8.GetString(name);
    }
}
