namespace Tidemark.Cli.Io.Commands;

/// <summary>quit.</summary>
internal sealed class QuitCommand : IIoCommand
{
    public string Name => "quit";

    public string? ShortName => "q";

    public string Syntax => "";

    public string Summary => "exit the program";

    public bool NeedsImage => false;

    public ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        session.IsOver = true;
        return new(true);
    }
}
