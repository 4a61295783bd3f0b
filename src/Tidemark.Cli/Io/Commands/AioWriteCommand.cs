using Tidemark.Block.Contract;

namespace Tidemark.Cli.Io.Commands;

/// <summary>aio_write.</summary>
internal sealed class AioWriteCommand : IIoCommand
{
    public string Name => "aio_write";

    public string Syntax => "[-Cfiquz] [-P pattern] off len [len..]";

    public string Summary => "asynchronously writes a number of bytes";

    public string Help =>
        """
             Begins to write bytes and goes on with the next command; aio_flush waits for the end. Failures are
             told, but do not make the command fail.

             -P   write this byte
             -z   write zeroes without sending any; with -u the place may be given back
             -f   be durable before it ends (force unit access)
             -C   statistics for machines, on one line
             -q   no statistics
             -i   only count it as an invalid request

             Example: aio_write 512 1k 1k
            """;

    public string Letters => "CfiP:quz";

    public int LeastWords => 2;

    public int MostWords => -1;

    public BlockPermissions Required => BlockPermissions.Write;

    public ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var pattern = words.Pattern();
        words.RequireRest(2);
        var isZero = words.Has("z");
        if (isZero && words.Rest.Count != 2)
        {
            throw new IoCommandException("-z supports only a single length parameter");
        }
        if (words.Has("u") && !isZero)
        {
            throw new IoCommandException("-u requires -z to be specified");
        }
        if (isZero && pattern is not null)
        {
            throw new IoCommandException("-z and -P cannot be specified at the same time");
        }
        var offset = IoWords.Bytes(words.Rest[0]);
        if (words.Has("i"))
        {
            session.Out.WriteLine("injecting invalid write request");
            return new(true);
        }
        var length = isZero ? IoWords.Bytes(words.Rest[1]) : IoWords.VectorLength(words.Rest.Skip(1));
        var request = new WriteRequest(session, "aio_write", offset, length, words)
        {
            Pattern = pattern,
            IsZero = isZero,
            Flags = WriteCommand.ReadFlags(words),
        };
        session.Begin(async () => _ = await request.RunAsync());
        return new(true);
    }
}
