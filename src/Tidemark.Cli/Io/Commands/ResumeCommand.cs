using Tidemark.Core.Errors;

namespace Tidemark.Cli.Io.Commands;

/// <summary>resume.</summary>
internal sealed class ResumeCommand : IIoCommand
{
    public string Name => "resume";

    public string Syntax => "tag";

    public string Summary => "resumes the request tagged as tag";

    public int LeastWords => 1;

    public int MostWords => 1;

    public ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var status = Breakpoints.Find(session.OpenImage.Node)?.Resume(words.Rest[0]) ?? IoStatus.NotSupported;
        return status == IoStatus.Ok ? new(true) : throw new IoCommandException($"Could not resume request: {status.Describe()}");
    }
}
