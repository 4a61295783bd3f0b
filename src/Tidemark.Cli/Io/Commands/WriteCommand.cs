using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Io.Commands;

/// <summary>write.</summary>
internal sealed class WriteCommand : IIoCommand
{
    public string Name => "write";

    public string? ShortName => "w";

    public string Syntax => "[-bcCfnquz] [-P pattern | -s source_file] off len";

    public string Summary => "writes a number of bytes at a specified offset";

    public string Help =>
        """
             Writes bytes, all of them 0xcd unless told otherwise.

             -P   write this byte
             -s   write this file's content, over and over
             -z   write zeroes without sending any; with -u the place may be given back, with -n only if that is fast
             -f   be durable before it ends (force unit access)
             -C   statistics for machines, on one line
             -q   no statistics
             -c   compressed
             -b   to the machine's saved state (not supported)
             -p   taken for compatibility

             Example: write -P 0x5a 512 1k
            """;

    public string Letters => "bcCfnpP:qs:uz";

    public int LeastWords => 2;

    public int MostWords => -1;

    public BlockPermissions Required => BlockPermissions.Write;

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var pattern = words.Pattern();
        words.RequireRest(2, 2);
        CheckCombination(words);
        var offset = IoWords.Bytes(words.Rest[0]);
        var length = IoWords.Bytes(words.Rest[1]);
        if (length > IoWords.LongestRequest && !words.Has("n"))
        {
            throw new IoCommandException($"length cannot exceed {IoWords.LongestRequest} without -n, given {words.Rest[1]}");
        }
        if (words.Has("b"))
        {
            throw new IoCommandException($"write failed: {IoStatus.NotSupported.Describe()}");
        }
        var content = words.Get("s") is { } file ? ReadSource(session, file) : [];
        if (content is null)
        {
            return false;
        }
        return await new WriteRequest(session, "write", offset, length, words)
        {
            Pattern = pattern,
            Content = content,
            IsZero = words.Has("z"),
            Flags = ReadFlags(words),
        }.RunAsync();
    }

    /// <summary>FUA, and what -z may do.</summary>
    public static RequestFlags ReadFlags(IoWords words) =>
        (words.Has("f") ? RequestFlags.Fua : RequestFlags.None)
        | (words.Has("c") && !words.Has("z") ? RequestFlags.Compressed : RequestFlags.None)
        | (words.Has("u") ? RequestFlags.MayUnmap : RequestFlags.None)
        | (words.Has("n") ? RequestFlags.NoFallback : RequestFlags.None);

    private static void CheckCombination(IoWords words)
    {
        if (words.Has("b") && words.Has("z"))
        {
            throw new IoCommandException("-b and -z cannot be specified at the same time");
        }
        if (words.Has("f") && (words.Has("b") || words.Has("c")))
        {
            throw new IoCommandException("-f and -b or -c cannot be specified at the same time");
        }
        if (words.Has("n") && !words.Has("z"))
        {
            throw new IoCommandException("-n requires -z to be specified");
        }
        if (words.Has("u") && !words.Has("z"))
        {
            throw new IoCommandException("-u requires -z to be specified");
        }
        if ((words.Has("z") ? 1 : 0) + (words.Has("P") ? 1 : 0) + (words.Has("s") ? 1 : 0) > 1)
        {
            throw new IoCommandException("Only one of -z, -P, and -s can be specified at the same time");
        }
    }

    private static byte[]? ReadSource(IoSession session, string file)
    {
        try
        {
            var content = File.ReadAllBytes(file);
            if (content.Length > 0)
            {
                return content;
            }
            session.ComplainPlainly($"{file}: file is empty");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var status = error is FileNotFoundException or DirectoryNotFoundException ? IoStatus.NotFound : IoStatus.AccessDenied;
            session.ComplainPlainly($"{file}: {status.Describe()}");
        }
        return null;
    }
}
