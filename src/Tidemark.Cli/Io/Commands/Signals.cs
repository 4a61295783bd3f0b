using System.Runtime.InteropServices;

namespace Tidemark.Cli.Io.Commands;

/// <summary>Signals to this process, with what they do by default: the runtime's handlers would make of them something tidier.</summary>
internal static partial class Signals
{
    /// <summary>Raises the signal; returns if it does not end the process.</summary>
    public static void Raise(int number)
    {
        _ = signal(number, 0); // SIG_DFL
        _ = kill(Environment.ProcessId, number);
    }

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc")]
    private static partial int kill(int process, int number);
}
