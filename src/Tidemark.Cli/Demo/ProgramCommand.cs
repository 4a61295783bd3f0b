using System.Diagnostics;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Demo;

/// <summary>How a program is called: its file and the arguments that come before all others.</summary>
internal sealed class ProgramCommand(string file, params string[] leading)
{
    /// <summary>The command as one types it: this executable by its launcher, which builds it anew when it must.</summary>
    public override string ToString()
    {
        var home = Environment.GetEnvironmentVariable("TIDEMARK_HOME");
        return string.Join(
            ' ',
            leading.Prepend(file == Environment.ProcessPath && home is not null ? Path.Combine(home, "tidemark") : file)
        );
    }

    private static readonly string[] Places = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/local/sbin"];

    /// <summary>A program of the system; null if it is not installed, or is a link to this very program.</summary>
    public static ProgramCommand? Find(string name)
    {
        var path = Places.Select(place => Path.Combine(place, name)).FirstOrDefault(File.Exists);
        return path is null || File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName == Environment.ProcessPath
            ? null
            : new ProgramCommand(path);
    }

    /// <summary>One of this executable's own tools, or the words of the environment variable <paramref name="overriding"/> in its place.</summary>
    public static ProgramCommand Own(string tool, string overriding)
    {
        var words = Environment.GetEnvironmentVariable(overriding)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length > 0
            ? new ProgramCommand(words[0], words[1..])
            : new ProgramCommand(
                Environment.ProcessPath
                    ?? throw new BlockException(BlockErrorKind.NotFound, "this program's own path is not known"),
                tool
            );
    }

    /// <summary>Starts it; its standard error can be read, its input is empty.</summary>
    public Process Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, [.. leading, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        var process = Process.Start(start) ?? throw new BlockException(BlockErrorKind.NotFound, $"cannot start {file}");
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs it to its end. Gives the exit code and all that it printed.</summary>
    public async ValueTask<(int Code, string Output)> RunAsync(params IEnumerable<string> arguments)
    {
        using var process = Start(arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }

    /// <summary>Runs it; an exit code other than 0 is a <see cref="BlockException"/> with what it printed.</summary>
    public async ValueTask<string> RunWellAsync(params IEnumerable<string> arguments)
    {
        var words = arguments.ToList();
        var (code, output) = await RunAsync(words);
        return code == 0
            ? output
            : throw new BlockException(
                BlockErrorKind.Io,
                $"{this} {string.Join(' ', words)} ended with exit code {code}: {output.Trim()}"
            );
    }
}
