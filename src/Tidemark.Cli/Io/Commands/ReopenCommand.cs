using Tidemark.Block.Contract;
using Tidemark.Cli.Options;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Cli.Io.Commands;

/// <summary>reopen: other options for the open image; what is not named stays.</summary>
internal sealed class ReopenCommand : IIoCommand
{
    public string Name => "reopen";

    public string Syntax => "[(-r|-w)] [-c cache] [-o options]";

    public string Summary => "reopens an image with new options";

    public string Help =>
        """
             Gives the open image other options.

             -r, -w   for reading only, or for writing too
             -c       another cache mode
             -o       options of the node, as with open

             Example: reopen -o lazy-refcounts=on
            """;

    public string Letters => "c:o:rw";

    public int MostWords => -1;

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        if (words.Has("r") && words.Has("w"))
        {
            session.Complain("Only one -r/-w option may be given");
            return false;
        }
        words.RequireRest(0, 0);
        var changed = new JsonObject();
        foreach (var text in words.Options.All("o"))
        {
            foreach (var (key, value) in KeyvalParser.Parse(text))
            {
                changed[key] = value;
            }
        }
        if (words.Get("c") is { } mode)
        {
            if (CacheMode.Find(mode) is not { } cache)
            {
                session.Complain($"Invalid cache option: {mode}");
                return false;
            }
            if (changed.ContainsKey("cache"))
            {
                session.Complain("Cannot set both -c and the cache options");
                return false;
            }
            changed["cache"] = new JsonObject { ["direct"] = cache.Direct, ["no-flush"] = cache.NoFlush };
        }
        if (words.Has("r") || words.Has("w"))
        {
            if (changed.ContainsKey("read-only"))
            {
                session.Complain("Cannot set both -r/-w and 'read-only'");
                return false;
            }
            changed["read-only"] = words.Has("r");
        }
        await session.ReopenAsync(changed);
        session.IsWriteThrough =
            words.Get("c") is { } named && CacheMode.Find(named) is { } set ? set.WriteThrough : session.IsWriteThrough;
        return true;
    }
}
