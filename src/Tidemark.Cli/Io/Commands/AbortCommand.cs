namespace Tidemark.Cli.Io.Commands;

/// <summary>abort.</summary>
internal sealed class AbortCommand : IIoCommand
{
    private const int Abort = 6; // SIGABRT

    public string Name => "abort";

    public string Syntax => "";

    public string Summary => "simulate a program crash using abort(3)";

    public bool NeedsImage => false;

    public ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        session.Out.Flush();
        Signals.Raise(Abort);
        return new(true);
    }
}
