namespace Tidemark.Cli.Io;

/// <summary>A command can't be done: the message, for standard output as it stands; null to print the command's syntax.</summary>
internal sealed class IoCommandException(string? text) : Exception(text ?? "")
{
    /// <summary>What to print, or null for the syntax.</summary>
    public string? Text { get; } = text;
}
