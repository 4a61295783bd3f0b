namespace Tidemark.Cli.Img;

/// <summary>An image can't be opened; commands end with different codes for that.</summary>
internal sealed class ImgOpenException(string message, string? hint, int exitCode) : Exception(message)
{
    /// <summary>A second line for people.</summary>
    public string? Hint { get; } = hint;

    /// <summary>Exit code of the process.</summary>
    public int ExitCode { get; } = exitCode;
}
