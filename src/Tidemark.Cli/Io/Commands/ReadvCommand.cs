namespace Tidemark.Cli.Io.Commands;

/// <summary>readv.</summary>
internal sealed class ReadvCommand : IIoCommand
{
    public string Name => "readv";

    public string Syntax => "[-Cqv] [-P pattern] off len [len..]";

    public string Summary => "reads a number of bytes at a specified offset";

    public string Help =>
        """
             Reads bytes into several buffers, one for each length, in one request.

             -P   each byte must be this one
             -v   print the bytes
             -C   statistics for machines, on one line
             -q   no statistics

             Example: readv -v 512 1k 1k
            """;

    public string Letters => "CP:qv";

    public int LeastWords => 2;

    public int MostWords => -1;

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var pattern = words.Pattern();
        words.RequireRest(2);
        var offset = IoWords.Bytes(words.Rest[0]);
        var length = IoWords.VectorLength(words.Rest.Skip(1));
        return await new ReadRequest(session, "readv", offset, length, words)
        {
            Pattern = pattern,
            CheckedLength = length,
        }.RunAsync();
    }
}
