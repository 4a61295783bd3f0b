using Tidemark.Core.Errors;

namespace Tidemark.Cli.Io.Commands;

/// <summary>break.</summary>
internal sealed class BreakCommand : IIoCommand
{
    public string Name => "break";

    public string Syntax => "event tag";

    public string Summary => "sets a breakpoint on event and tags the stopped request as tag";

    public int LeastWords => 2;

    public int MostWords => 2;

    public ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var status =
            Breakpoints.Find(session.OpenImage.Node)?.Break(words.Rest[0], words.Rest[1], session.Out.WriteLine)
            ?? IoStatus.NotSupported;
        return status == IoStatus.Ok ? new(true) : throw new IoCommandException($"Could not set breakpoint: {status.Describe()}");
    }
}
