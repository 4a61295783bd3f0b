using System.Diagnostics;
using System.Text;

namespace Tidemark.Testing;

/// <summary>One run of a program to its end: what it printed, and how it ended.</summary>
public sealed record ProgramRun(string CommandLine, int ExitCode, string Output, string Errors)
{
    private const int TimeLimitMs = 60_000;

    /// <summary>Whether a program of that name is on the PATH.</summary>
    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Runs <paramref name="program"/>; throws when it takes longer than a minute.</summary>
    public static ProgramRun Of(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        var commandLine = program + " " + string.Join(' ', arguments);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"could not start {commandLine}");
        process.StandardInput.Close();
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        using var guard = new Timer(_ => process.Kill(), null, TimeLimitMs, Timeout.Infinite);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ProgramRun(commandLine, process.ExitCode, output, errors.ToString());
    }

    /// <summary>This run, provided that it ended with 0.</summary>
    public ProgramRun MustSucceed() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"{CommandLine} ended with {ExitCode}: {Errors}{Output}");
}
