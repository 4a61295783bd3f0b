using Tidemark.Block.Contract;

namespace Tidemark.Cli.Io.Commands;

/// <summary>writev.</summary>
internal sealed class WritevCommand : IIoCommand
{
    public string Name => "writev";

    public string Syntax => "[-Cfq] [-P pattern] off len [len..]";

    public string Summary => "writes a number of bytes at a specified offset";

    public string Help =>
        """
             Writes bytes from several buffers, one for each length, in one request; all 0xcd unless told otherwise.

             -P   write this byte
             -f   be durable before it ends (force unit access)
             -C   statistics for machines, on one line
             -q   no statistics

             Example: writev 512 1k 1k
            """;

    public string Letters => "CfqP:";

    public int LeastWords => 2;

    public int MostWords => -1;

    public BlockPermissions Required => BlockPermissions.Write;

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var pattern = words.Pattern();
        words.RequireRest(2);
        var offset = IoWords.Bytes(words.Rest[0]);
        var length = IoWords.VectorLength(words.Rest.Skip(1));
        return await new WriteRequest(session, "writev", offset, length, words)
        {
            Pattern = pattern,
            Flags = WriteCommand.ReadFlags(words),
        }.RunAsync();
    }
}
