using Tidemark.Core.Errors;

namespace Tidemark.Cli.Io.Commands;

/// <summary>remove_break.</summary>
internal sealed class RemoveBreakCommand : IIoCommand
{
    public string Name => "remove_break";

    public string Syntax => "tag";

    public string Summary => "remove a breakpoint by tag";

    public int LeastWords => 1;

    public int MostWords => 1;

    public ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var status = Breakpoints.Find(session.OpenImage.Node)?.RemoveBreak(words.Rest[0]) ?? IoStatus.NotSupported;
        return status == IoStatus.Ok
            ? new(true)
            : throw new IoCommandException($"Could not remove breakpoint {words.Rest[0]}: {status.Describe()}");
    }
}
