namespace Tidemark.Cli.Io.Commands;

/// <summary>sigraise.</summary>
internal sealed class SigraiseCommand : IIoCommand
{
    public string Name => "sigraise";

    public string Syntax => "signal";

    public string Summary => "raises a signal";

    public string Help =>
        """
             Sends this process a signal, by number.

             Example: sigraise 15
            """;

    public int LeastWords => 1;

    public int MostWords => 1;

    public bool NeedsImage => false;

    public ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var signal = IoWords.Bytes(words.Rest[0]);
        if (signal > int.MaxValue)
        {
            throw new IoCommandException("signal argument '" + words.Rest[0] + "' is too large to be a valid signal number");
        }
        // What was printed so far must be out: the signal may be the end.
        session.Out.Flush();
        Signals.Raise((int)signal);
        return new(true);
    }
}
