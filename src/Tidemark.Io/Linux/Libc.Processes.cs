using System.Runtime.InteropServices;

namespace Tidemark.Io.Linux;

internal static unsafe partial class Libc
{
    public const int SIGTERM = 15;
    public const int SIGKILL = 9;

    private const int WNOHANG = 1;

    /// <summary>Room for a posix_spawn_file_actions_t; the C library's takes 80 bytes.</summary>
    private const int FileActionsBytes = 512;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    /// <summary>
    /// Runs <paramref name="command"/> by the shell, with <paramref name="stream"/> as its standard input and output. Gives its
    /// process, or the errno of the failure as a negative number.
    /// </summary>
    public static int SpawnShell(string command, int stream)
    {
        var actions = stackalloc byte[FileActionsBytes];
        _ = InitActions(actions);
        _ = AddDuplicate(actions, stream, 0);
        _ = AddDuplicate(actions, stream, 1);
        var environment = ReadEnvironment();
        try
        {
            var error = Spawn(out var process, "/bin/sh", actions, 0, ["/bin/sh", "-c", command, null], environment);
            return error == 0 ? process : -error;
        }
        finally
        {
            _ = DestroyActions(actions);
        }
    }

    /// <summary>Whether the process has ended, and takes note of it, which only one may do.</summary>
    public static bool HasEnded(int process)
    {
        int status;
        return WaitFor(process, &status, WNOHANG) != 0;
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    public static partial int SocketPair(int family, int type, int protocol, int* pair);

    private static string?[] ReadEnvironment()
    {
        var list = new List<string?>();
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            list.Add($"{variable.Key}={variable.Value}");
        }
        list.Add(null);
        return [.. list];
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(
        out int process,
        string path,
        byte* actions,
        nint attributes,
        string?[] arguments,
        string?[] environment
    );

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitFor(int process, int* status, int options);
}
