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
        var status = await session.OpenImage.FlushAsync();
        if (status != IoStatus.Ok)
        {
            session.Out.WriteLine($"flush failed: {status.Describe()}");
        }
        return status == IoStatus.Ok;
    }
}
