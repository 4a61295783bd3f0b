namespace Tidemark.Cli.Machine.Monitor;

/// <summary>A line of the human monitor is refused; the message is what its user reads.</summary>
internal sealed class MonitorException(string message) : Exception(message)
{
    /// <summary>The words do not fit the command.</summary>
    public static MonitorException Usage(string command, string problem) =>
        new($"{command}: {problem}\nTry \"help {command}\" for more information");
}
