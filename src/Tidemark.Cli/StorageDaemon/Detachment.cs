using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>
/// --daemonize. The runtime can't fork, so the process that was called starts another one with the same arguments and ends
/// when that one says, through a pipe, that it is up; errors before that still go to the caller's terminal.
/// </summary>
internal sealed partial class Detachment
{
    private const string Variable = "TIDEMARK_READY_DESCRIPTOR";
    private const string OpenDescriptors = "/proc/self/fd";
    private const int ReadWrite = 2; // O_RDWR
    private readonly SafeFileHandle ready;

    private Detachment(SafeFileHandle ready) => this.ready = ready;

    /// <summary>The end of the pipe if this is the process that stays; it leaves the caller's session. Null otherwise.</summary>
    public static Detachment? Inherited()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var descriptor))
        {
            return null;
        }
        Environment.SetEnvironmentVariable(Variable, null);
        _ = setsid();
        return new Detachment(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Starts the process that stays, waits until it is up or has failed, and returns the exit code of the one that was called.</summary>
    public static int Launch(IEnumerable<string> arguments)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var program = Environment.ProcessPath ?? "tidemark";
        // Run as "dotnet tidemark.dll", the program is the first argument.
        string[] host = Path.GetFileName(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        var start = new ProcessStartInfo(program, [.. host, .. arguments]) { UseShellExecute = false };
        start.Environment[Variable] = pipe.GetClientHandleAsString();
        using var child = Process.Start(start);
        pipe.DisposeLocalCopyOfClientHandle();
        if (pipe.ReadByte() >= 0)
        {
            return 0;
        }
        child?.WaitForExit();
        return child is { ExitCode: not 0 } failed ? failed.ExitCode : 1;
    }

    /// <summary>The daemon is up: lets go of the caller's folder and terminal, and of the caller.</summary>
    public void Complete()
    {
        _ = chdir("/");
        RedirectToNowhere();
        using (ready)
        {
            // A regular write refuses pipes' handles for their lack of a position.
            _ = write(ready, 1, 1);
        }
    }

    // Not only 0, 1 and 2: the runtime keeps copies of them, and who reads the caller's output waits for the last copy to close.
    private static void RedirectToNowhere()
    {
        var callers = Enumerable.Range(0, 3).Select(Target).ToHashSet(StringComparer.Ordinal);
        var nowhere = open("/dev/null", ReadWrite);
        foreach (var path in Directory.GetFiles(OpenDescriptors))
        {
            if (int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var descriptor) && descriptor != nowhere)
            {
                var isCallers = descriptor <= 2 || (Target(descriptor) is { Length: > 0 } target && callers.Contains(target));
                _ = isCallers ? dup2(nowhere, descriptor) : 0;
            }
        }
        _ = close(nowhere);
    }

    private static string Target(int descriptor) =>
        new FileInfo(string.Create(CultureInfo.InvariantCulture, $"{OpenDescriptors}/{descriptor}")).LinkTarget ?? "";

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    private static partial int setsid();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chdir(string path);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);

    [LibraryImport("libc")]
    private static partial nint write(SafeFileHandle descriptor, in byte data, nint count);
}
