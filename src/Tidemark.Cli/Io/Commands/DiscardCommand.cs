using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Io.Commands;

/// <summary>discard.</summary>
internal sealed class DiscardCommand : IIoCommand
{
    public string Name => "discard";

    public string? ShortName => "d";

    public string Syntax => "[-Cq] off len";

    public string Summary => "discards a number of bytes at a specified offset";

    public string Help =>
        """
             Lets go of a part of the image.

             -C   statistics for machines, on one line
             -q   no statistics

             Example: discard 512 1k
            """;

    public string Letters => "Cq";

    public int LeastWords => 2;

    public int MostWords => -1;

    public BlockPermissions Required => BlockPermissions.Write;

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        words.RequireRest(2, 2);
        var offset = IoWords.Bytes(words.Rest[0]);
        var length = IoWords.Bytes(words.Rest[1]);
        if (length > IoWords.LongestRequest)
        {
            throw new IoCommandException($"length cannot exceed {IoWords.LongestRequest}, given {words.Rest[1]}");
        }
        var time = session.Graph.Loop.Time;
        var start = time.GetTimestamp();
        var status = length == 0 ? IoStatus.Ok : await session.OpenImage.DiscardAsync(new ByteRange(offset, length));
        var taken = time.GetElapsedTime(start);
        if (status != IoStatus.Ok)
        {
            session.Out.WriteLine($"discard failed: {status.Describe()}");
            return false;
        }
        if (!words.Has("q"))
        {
            IoReport.Print(session.Out, "discard", offset, length, taken, words.Has("C"));
        }
        return true;
    }
}
