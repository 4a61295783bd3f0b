using Tidemark.Cli.Options;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Cli.Io.Commands;

/// <summary>open.</summary>
internal sealed class OpenCommand : IIoCommand
{
    public string Name => "open";

    public string? ShortName => "o";

    public string Syntax => "[-rsCnkU] [-t cache] [-d discard] [-o options] [path]";

    public string Summary => "open the file specified by path";

    public string Help =>
        """
             Opens an image, which the other commands then act upon.

             -r   for reading only
             -s   writes go to a temporary file
             -C   copy on read (not supported)
             -n   past the page cache: -t none
             -U   although another process writes to it
             -k   ask the file for kernel AIO; -i threads, native or io_uring
             -t   cache mode
             -d   discard mode: unmap or ignore
             -o   options of the node: driver=raw,offset=1M

             Example: open -r -o driver=raw /tmp/disk
            """;

    public string Letters => "snCro:ki:t:d:U";

    public int LeastWords => 1;

    public int MostWords => -1;

    public bool NeedsImage => false;

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        words.RequireRest(0, 1);
        JsonObject? described = null;
        foreach (var text in words.Options.All("o"))
        {
            described ??= [];
            foreach (var (key, value) in KeyvalParser.Parse(text))
            {
                described[key] = value;
            }
        }
        if (words.Rest.Count == 0 && described is null)
        {
            throw new IoCommandException(null);
        }
        try
        {
            var how = IoOpen.Read(words.Options, static letter => letter) with { Options = described };
            return await session.OpenAsync(words.Rest.Count == 0 ? null : words.Rest[0], how);
        }
        catch (CommandException error)
        {
            session.Complain(error.Message);
            return false;
        }
    }
}
