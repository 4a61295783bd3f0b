namespace Tidemark.Cli.Io.Commands;

/// <summary>length.</summary>
internal sealed class LengthCommand : IIoCommand
{
    public string Name => "length";

    public string? ShortName => "l";

    public string Syntax => "";

    public string Summary => "gets the length of the current file";

    public ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        session.Out.WriteLine(IoText.Size(session.OpenImage.SizeBytes));
        return new(true);
    }
}
