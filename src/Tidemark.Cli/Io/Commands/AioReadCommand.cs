namespace Tidemark.Cli.Io.Commands;

/// <summary>aio_read.</summary>
internal sealed class AioReadCommand : IIoCommand
{
    public string Name => "aio_read";

    public string Syntax => "[-Ciqv] [-P pattern] off len [len..]";

    public string Summary => "asynchronously reads a number of bytes";

    public string Help =>
        """
             Begins to read bytes and goes on with the next command; aio_flush waits for the end. Failures are
             told, but do not make the command fail.

             -P   each byte must be this one
             -v   print the bytes
             -C   statistics for machines, on one line
             -q   no statistics
             -i   only count it as an invalid request

             Example: aio_read -v 512 1k 1k
            """;

    public string Letters => "CP:iqv";

    public int LeastWords => 2;

    public int MostWords => -1;

    public ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var pattern = words.Pattern();
        words.RequireRest(2);
        var offset = IoWords.Bytes(words.Rest[0]);
        if (words.Has("i"))
        {
            session.Out.WriteLine("injecting invalid read request");
            return new(true);
        }
        var length = IoWords.VectorLength(words.Rest.Skip(1));
        var request = new ReadRequest(session, "readv", offset, length, words) { Pattern = pattern, CheckedLength = length };
        session.Begin(async () => _ = await request.RunAsync());
        return new(true);
    }
}
