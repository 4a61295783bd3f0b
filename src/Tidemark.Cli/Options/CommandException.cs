namespace Tidemark.Cli.Options;

/// <summary>A command can't go on: <see cref="Exception.Message"/> for people, and the exit code it ends with.</summary>
internal sealed class CommandException(string message, int exitCode = 1) : Exception(message)
{
    /// <summary>Exit code of the process.</summary>
    public int ExitCode { get; } = exitCode;
}
