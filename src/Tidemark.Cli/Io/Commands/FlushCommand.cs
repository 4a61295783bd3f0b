using Tidemark.Core.Errors;

namespace Tidemark.Cli.Io.Commands;

/// <summary>flush.</summary>
internal sealed class FlushCommand : IIoCommand
{
    public string Name => "flush";

    public string? ShortName => "f";

    public string Syntax => "";

    public string Summary => "flush all in-core file state to disk";

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        // A failure shows in the exit code alone, as with the reference.
        return await session.OpenImage.FlushAsync() == IoStatus.Ok;
    }
}
