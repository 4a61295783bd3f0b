namespace Tidemark.Cli.Machine.Monitor;

/// <summary>A line of the human monitor is refused; the message is what its user reads.</summary>
internal sealed class MonitorException(string message) : Exception(message)
{
    /// <summary>The words do not fit the command, whose last word is what the message begins with.</summary>
    public static MonitorException Usage(string command, string problem) =>
        new($"{command.Split(' ')[^1]}: {problem}\nTry \"help {command}\" for more information");
}
