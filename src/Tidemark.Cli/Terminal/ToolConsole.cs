namespace Tidemark.Cli.Terminal;

/// <summary>
/// Where a tool writes, and what it was called. Tests pass string writers; the process passes its descriptors. System.Console
/// is not used: its start costs more than a short command's whole work.
/// </summary>
internal sealed class ToolConsole(TextWriter output, TextWriter error, string programName) : IDisposable
{
    /// <summary>Standard output. Buffered: flush it before work that takes long.</summary>
    public TextWriter Out { get; } = output;

    /// <summary>Standard error. What was written to <see cref="Out"/> may still be in its buffer.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>The name to put before messages ("qemu-img").</summary>
    public string ProgramName { get; } = programName;

    /// <summary>The same console under another name.</summary>
    public ToolConsole Renamed(string programName) => new(Out, Error, programName);

    /// <summary>Sends what the buffers hold.</summary>
    public void Flush()
    {
        Out.Flush();
        Error.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => Flush();
}
