using Tidemark.Block.Contract;
using Tidemark.Cli.Img;

namespace Tidemark.Cli.Io.Commands;

/// <summary>truncate.</summary>
internal sealed class TruncateCommand : IIoCommand
{
    public string Name => "truncate";

    public string? ShortName => "t";

    public string Syntax => "[-m prealloc_mode] off";

    public string Summary => "truncates the current file at the given offset";

    public string Letters => "m:";

    public int LeastWords => 1;

    public int MostWords => 3;

    public BlockPermissions Required => BlockPermissions.Write | BlockPermissions.Resize;

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        if (PreallocationName.TryParse(words.Get("m") ?? "off") is not { } preallocation)
        {
            session.Complain($"Invalid preallocation mode '{words.Get("m")}'");
            return false;
        }
        words.RequireRest(1, 1);
        var size = IoWords.Bytes(words.Rest[0]);
        await session.OpenImage.TruncateAsync(size, exact: false, preallocation);
        return true;
    }
}
