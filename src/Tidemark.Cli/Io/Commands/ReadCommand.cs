using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Io.Commands;

/// <summary>read.</summary>
internal sealed class ReadCommand : IIoCommand
{
    public string Name => "read";

    public string? ShortName => "r";

    public string Syntax => "[-abCqv] [-P pattern [-s off] [-l len]] off len";

    public string Summary => "reads a number of bytes at a specified offset";

    public string Help =>
        """
             Reads bytes, and shows or checks them if asked to.

             -P   each byte must be this one; -s and -l limit the check to a part of what was read
             -v   print the bytes
             -C   statistics for machines, on one line
             -q   no statistics
             -b   from the machine's saved state (not supported)
             -a, -p   taken for compatibility

             Example: read -v 512 1k
            """;

    public string Letters => "abCl:pP:qs:v";

    public int LeastWords => 2;

    public int MostWords => -1;

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var pattern = words.Pattern();
        if (words.Rest.Count != 2 || (pattern is null && (words.Has("s") || words.Has("l"))))
        {
            throw new IoCommandException(null);
        }
        var offset = IoWords.Bytes(words.Rest[0]);
        var length = IoWords.Bytes(words.Rest[1]);
        if (length > IoWords.LongestRequest)
        {
            throw new IoCommandException($"length cannot exceed {IoWords.LongestRequest}, given {words.Rest[1]}");
        }
        var checkedFrom = words.Get("s") is { } from ? IoWords.Bytes(from) : 0;
        var checkedLength = words.Get("l") is { } many ? IoWords.Bytes(many) : length - checkedFrom;
        if (checkedLength < 0 || checkedFrom + checkedLength > length)
        {
            throw new IoCommandException("pattern verification range exceeds end of read data");
        }
        if (words.Has("b"))
        {
            throw new IoCommandException($"read failed: {IoStatus.NotSupported.Describe()}");
        }
        var request = new ReadRequest(session, "read", offset, (int)length, words)
        {
            Pattern = pattern,
            CheckedFrom = (int)checkedFrom,
            CheckedLength = (int)checkedLength,
        };
        return await request.RunAsync();
    }
}
