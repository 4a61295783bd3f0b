namespace Tidemark.Cli.Io.Commands;

/// <summary>close.</summary>
internal sealed class CloseCommand : IIoCommand
{
    public string Name => "close";

    public string? ShortName => "c";

    public string Syntax => "";

    public string Summary => "close the current open file";

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        await session.CloseAsync();
        return true;
    }
}
