using Tidemark.Core.Errors;

namespace Tidemark.Cli.Io.Commands;

/// <summary>wait_break: where nothing can come to be held it says so, instead of waiting for ever.</summary>
internal sealed class WaitBreakCommand : IIoCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    public string Name => "wait_break";

    public string Syntax => "tag";

    public string Summary => "waits for the suspension of a request";

    public int LeastWords => 1;

    public int MostWords => 1;

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var breakpoints =
            Breakpoints.Find(session.OpenImage.Node)
            ?? throw new IoCommandException($"Could not wait for breakpoint: {IoStatus.NotSupported.Describe()}");
        while (!breakpoints.IsSuspended(words.Rest[0]))
        {
            if (!session.HasRequests)
            {
                throw new IoCommandException($"Could not wait for breakpoint {words.Rest[0]}: no request is under way");
            }
            await session.Graph.Loop.DelayAsync(Pause, CancellationToken.None);
        }
        return true;
    }
}
