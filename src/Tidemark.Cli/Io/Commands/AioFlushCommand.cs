namespace Tidemark.Cli.Io.Commands;

/// <summary>aio_flush.</summary>
internal sealed class AioFlushCommand : IIoCommand
{
    public string Name => "aio_flush";

    public string Syntax => "";

    public string Summary => "completes all outstanding aio requests";

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        await session.DrainAsync();
        return true;
    }
}
